// SPDX-License-Identifier: MIT
// All public kernel headers at once.
#pragma once

#include <lanewise/activation.hpp>
#include <lanewise/aligned_buffer.hpp>
#include <lanewise/contract.hpp>
#include <lanewise/cpu.hpp>
#include <lanewise/elementwise.hpp>
#include <lanewise/epilogue.hpp>
#include <lanewise/fused_mlp.hpp>
#include <lanewise/gemm.hpp>
#include <lanewise/gemv.hpp>
#include <lanewise/loss.hpp>
#include <lanewise/math.hpp>
#include <lanewise/matrix_view.hpp>
#include <lanewise/sparse_rows.hpp>
#include <lanewise/update.hpp>
#include <lanewise/version.hpp>
