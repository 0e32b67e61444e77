// SPDX-License-Identifier: MIT
#include "digit_strokes.hpp"

#include <array>

namespace lanewise {
namespace {

constexpr pen corner = pen::corner, lift = pen::lift;

constexpr pen_point zero[] = {{54, 1}, {28, 12}, {14, 48}, {26, 88}, {50, 100}, {76, 86}, {87, 48}, {74, 12}, {46, 3}};
constexpr pen_point zero_open[] = {{62, 10}, {40, 2},  {20, 28}, {17, 66}, {40, 98},
                                   {70, 86}, {83, 46}, {72, 12}, {48, 12}};

constexpr pen_point one[] = {{52, 0}, {51, 50}, {50, 100}};
constexpr pen_point one_flag[] = {{28, 25}, {53, 0, corner}, {52, 50}, {52, 100}};
constexpr pen_point one_flag_base[] = {{30, 22}, {52, 0, corner}, {52, 50}, {52, 99, lift}, {26, 100}, {78, 99}};

constexpr pen_point two[] = {{15, 25}, {32, 4},          {60, 2},  {79, 22}, {70, 47},
                             {42, 76}, {12, 98, corner}, {50, 97}, {90, 96}};
constexpr pen_point two_loop[] = {{18, 22}, {38, 2},  {68, 6},  {76, 30}, {58, 60}, {30, 90},
                                  {13, 91}, {22, 76}, {46, 88}, {70, 98}, {92, 90}};
constexpr pen_point two_wide[] = {{18, 15}, {40, 2}, {66, 10}, {62, 36}, {35, 70}, {8, 95, corner}, {52, 93}, {99, 90}};

constexpr pen_point three[] = {{18, 14}, {42, 0},  {70, 8},   {72, 30}, {42, 47, corner},
                               {74, 58}, {79, 82}, {50, 100}, {14, 89}};
constexpr pen_point three_flat[] = {{18, 4},  {48, 4},  {78, 3, corner}, {42, 41, corner},
                                    {74, 54}, {80, 82}, {50, 100},       {14, 90}};
constexpr pen_point three_knot[] = {{20, 14}, {48, 0},  {75, 16},  {60, 42}, {36, 47},
                                    {62, 52}, {81, 76}, {54, 100}, {12, 91}};

constexpr pen_point four_open[] = {{25, 3},        {18, 30}, {14, 57, corner}, {50, 56},
                                   {88, 54, lift}, {67, 10}, {64, 50},         {60, 100}};
constexpr pen_point four_closed[] = {{64, 2},        {38, 33}, {10, 65, corner}, {50, 65},
                                     {90, 63, lift}, {64, 2},  {63, 50},         {61, 100}};
constexpr pen_point four_round[] = {{18, 4}, {16, 38}, {40, 54}, {72, 40}, {80, 2, corner}, {76, 50}, {70, 100}};
constexpr pen_point four_narrow[] = {{30, 6}, {19, 50, corner}, {46, 55}, {76, 46, lift}, {78, 2}, {67, 50}, {56, 100}};

constexpr pen_point five[] = {{30, 4},   {25, 43, corner}, {54, 38}, {81, 62}, {72, 90},
                              {42, 100}, {12, 90, lift},   {30, 4},  {56, 5},  {86, 2}};
constexpr pen_point five_one_stroke[] = {{84, 2},  {54, 4},  {30, 6, corner}, {23, 45, corner}, {52, 39},
                                         {80, 60}, {74, 88}, {42, 100},       {10, 89}};
constexpr pen_point five_leaning[] = {{94, 2},  {48, 8, corner}, {34, 42, corner}, {60, 48},
                                      {63, 72}, {40, 95},        {8, 96}};

constexpr pen_point six[] = {{70, 3}, {38, 26}, {19, 64}, {30, 94}, {58, 99}, {77, 78}, {62, 57}, {36, 62}, {21, 80}};
constexpr pen_point six_straight[] = {{54, 0}, {32, 38}, {21, 74}, {38, 99}, {66, 94}, {72, 70}, {50, 58}, {25, 74}};
constexpr pen_point six_low[] = {{62, 0}, {34, 36}, {26, 76}, {42, 99}, {64, 88}, {58, 68}, {29, 80}};

constexpr pen_point seven[] = {{12, 6}, {48, 5}, {86, 3, corner}, {64, 45}, {44, 100}};
constexpr pen_point seven_bar[] = {{14, 5},         {48, 4},  {84, 3, corner}, {64, 48},
                                   {46, 100, lift}, {32, 53}, {56, 51},        {80, 48}};
constexpr pen_point seven_hook[] = {{14, 22}, {17, 5, corner}, {50, 7}, {86, 2, corner}, {62, 46}, {52, 100}};
constexpr pen_point seven_steep[] = {{14, 12}, {50, 7}, {85, 4, corner}, {56, 48}, {30, 100}};

constexpr pen_point eight[] = {{72, 16},  {48, 0},  {26, 18}, {42, 42}, {68, 62}, {75, 86},
                               {48, 100}, {23, 84}, {38, 58}, {64, 38}, {73, 14}};
constexpr pen_point eight_rings[] = {{52, 47}, {28, 28}, {48, 0},   {72, 22}, {50, 47, lift},
                                     {50, 46}, {20, 72}, {48, 100}, {79, 76}, {52, 46}};

constexpr pen_point nine[] = {{74, 20}, {50, 2},         {26, 18}, {25, 42}, {50, 50},
                              {71, 32}, {76, 8, corner}, {74, 52}, {68, 100}};
constexpr pen_point nine_tail[] = {{76, 17},         {48, 0},  {23, 24}, {40, 49}, {68, 38},
                                   {78, 12, corner}, {78, 60}, {60, 93}, {26, 95}};
constexpr pen_point nine_slim[] = {{70, 15}, {46, 3},         {27, 24}, {37, 43},
                                   {62, 34}, {74, 9, corner}, {67, 54}, {54, 100}};

constexpr digit_shape zeros[] = {zero, zero, zero_open};
constexpr digit_shape ones[] = {one, one, one_flag, one_flag_base};
constexpr digit_shape twos[] = {two, two_loop, two_wide};
constexpr digit_shape threes[] = {three, three_flat, three_knot};
constexpr digit_shape fours[] = {four_open, four_closed, four_round, four_narrow};
constexpr digit_shape fives[] = {five, five_one_stroke, five_leaning};
constexpr digit_shape sixes[] = {six, six_straight, six_low};
constexpr digit_shape sevens[] = {seven, seven_bar, seven_hook, seven_steep};
constexpr digit_shape eights[] = {eight, eight, eight_rings};
constexpr digit_shape nines[] = {nine, nine_tail, nine_slim};

// A shape that stands twice is twice as frequent.
constexpr std::array<std::span<const digit_shape>, 10> shapes{zeros, ones,  twos,   threes, fours,
                                                              fives, sixes, sevens, eights, nines};

}  // namespace

std::span<const digit_shape> shapes_of(unsigned digit) noexcept { return shapes[digit]; }

}  // namespace lanewise
