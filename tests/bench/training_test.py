#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""What the scripts of `tools/bench` compute, on figures made by hand."""

import contextlib
import io
import sys
import tempfile
import unittest
from pathlib import Path
from unittest import mock

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / 'bench'))

import compilers  # noqa: E402
import port_model  # noqa: E402
import program_marks  # noqa: E402
import readme_table  # noqa: E402
import training  # noqa: E402
import training_rows  # noqa: E402
import verdicts  # noqa: E402
from measured import median_interval, ratios  # noqa: E402
from quiet_cpu import QuietCpu  # noqa: E402


class FakeContender:
    def __init__(self, name, times, is_rival=True, skips_zeros=False):
        self.name, self.times, self.is_rival, self.skips_zeros = name, times, is_rival, skips_zeros
        self.turns = []
        self.cpu = None

    def run_on(self, cpu):
        self.cpu = cpu

    def prepare(self, row):
        return ('way', self.times[0], 1e-7) if self.times else None

    def time(self, row, first):
        self.turns.append(first)
        return self.times[len(self.turns) % len(self.times)]


OURS = FakeContender('lanewise', [0.5], is_rival=False)
ROW = training_rows.Row(16, 1)
ANYWHERE = QuietCpu(None, [0])


class Figures(unittest.TestCase):
    def test_interval_of_a_median_by_order_statistics(self):
        self.assertEqual(median_interval(range(21)), (5, 15))  # 10 -+ ceil(0.98 sqrt(21))
        self.assertEqual(median_interval([3]), (3, 3))

    def test_ratios_are_taken_within_a_round(self):
        self.assertEqual(ratios([2, 9], [1, 3]), [2, 3])


class Rounds(unittest.TestCase):
    def test_all_train_the_same_samples_in_a_round_and_whole_batches_only(self):
        everyone = [FakeContender('a', [1.0]), FakeContender('b', [2.0])]
        row = training_rows.Row(64, 64)
        training.run_row(row, everyone, 25, 10240, ANYWHERE)
        self.assertEqual(everyone[0].turns, everyone[1].turns)
        self.assertEqual(len(everyone[0].turns), 25)
        self.assertTrue(all(first % 64 == 0 and first + row.samples <= 10240 for first in everyone[0].turns))
        self.assertGreater(len(set(everyone[0].turns)), 5)

    def test_who_does_not_take_part_is_left_out(self):
        absent, slow, best = FakeContender('absent', []), FakeContender('slow', [9.0]), FakeContender('best', [2.0])
        ready, times = training.run_row(ROW, [OURS, absent, slow, best], 3, 10240, ANYWHERE)
        self.assertNotIn(absent, ready)
        self.assertNotIn(slow, times)  # more than four times the best: not worth its time
        self.assertEqual({c.name for c in times}, {'lanewise', 'best'})

    def test_a_dense_rival_takes_part_however_fast_those_are_that_skip_zeros(self):
        listed, dense = FakeContender('listed', [0.6], skips_zeros=True), FakeContender('dense', [3.0])
        _, times = training.run_row(ROW, [OURS, listed, dense], 3, 10240, ANYWHERE)
        self.assertIn(dense, times)

    def test_best_rivals_of_both_kinds(self):
        dense, listed = FakeContender('dense', [2.0]), FakeContender('listed', [0.75], skips_zeros=True)
        worse = FakeContender('worse', [2.5])
        ready, times = training.run_row(ROW, [OURS, worse, dense, listed], 21, 10240, ANYWHERE)
        result = training.result_of(ROW, ready, times, OURS, {'loads': 100.0, 'stores': 125.0})
        self.assertEqual((result.dense.name, result.dense.ratio, result.dense.interval), ('dense, way', 4, (4, 4)))
        self.assertEqual((result.zero_skipping.name, result.zero_skipping.ratio), ('listed, way', 1.5))
        self.assertEqual(result.share, 0.25)  # 125 ns of 0.5 us


class FakeProbe:
    def __init__(self, times):
        self.times, self.cpus = list(times), []

    def time(self, microseconds):
        return self.times.pop(0)

    def run_on(self, cpu):
        self.cpus.append(cpu)


class Quiet(unittest.TestCase):
    def test_a_disturbed_turn_is_taken_again_on_another_cpu(self):
        probe = FakeProbe([10, 24, 24, 11, 10])  # before; after the first turn; there once more; on the other CPU; after
        quiet = QuietCpu(probe, [0, 3])
        quiet.settle([])
        turns = iter([58, 38])
        self.assertEqual(quiet.turn([], lambda: next(turns)), 38)
        self.assertEqual(probe.cpus, [0])  # from the last one, 3
        self.assertEqual((quiet.turns, quiet.disturbed), (1, 0))

    def test_who_comes_back_to_a_row_runs_where_the_others_do(self):
        quiet, here, back = QuietCpu(None, [0, 3]), FakeContender('here', [1.0]), FakeContender('back', [2.0])
        quiet.at = 0
        training.run_row(ROW, [here, back], 3, 10240, quiet)
        self.assertEqual((here.cpu, back.cpu), (0, 0))

    def test_waits_for_so_long_only(self):
        quiet = QuietCpu(FakeProbe([10, *[24] * 500]), [0, 3])
        quiet.settle([])
        quiet.patience = 0.1
        with mock.patch('time.sleep') as sleep:
            for _ in range(100):
                quiet.turn([], lambda: 58)
        self.assertEqual((sleep.call_count, quiet.disturbed), (5, 100))

    def test_a_slower_clock_becomes_the_measure(self):
        quiet = QuietCpu(FakeProbe([10, *[14] * 2000]), [0])
        found = [quiet.is_quiet() for _ in range(2000)]
        self.assertEqual((found[0], found[1], found[-1]), (True, False, True))

    def test_where_no_cpu_is_quiet_the_turn_counts(self):
        probe = FakeProbe([10, *[24] * 1000])
        quiet = QuietCpu(probe, [0])
        quiet.settle([])
        with mock.patch('time.sleep'):
            self.assertEqual(quiet.turn([], lambda: 58), 58)
        self.assertEqual((quiet.turns, quiet.disturbed), (1, 1))


class PortModel(unittest.TestCase):
    def test_counts_of_the_seeds_net(self):
        # avx2: two vectors a pixel's row; W1 16 rows of 2, W2 16 rows of 2
        c = port_model.counts('avx2', 16, 150)
        self.assertEqual((c.weight_loads, c.weight_stores, c.small_loads, c.small_stores), (600, 300, 128, 64))
        self.assertEqual(c.list_loads, 784 / 32 + 600 / 8)
        self.assertEqual(c.list_stores, 2 * 150 / 8)
        self.assertEqual(c.fma, 600 + 192)

    def test_the_busiest_unit_is_the_bound(self):
        c = port_model.Counts(weight_loads=600, weight_stores=300, small_loads=64, small_stores=64, list_loads=36, list_stores=36,
                              fma=800)
        rates = port_model.Rates(load=5, store=2, weight_load=4, weight_store=1.5, fma=8)
        by_unit = port_model.bound(c, rates)
        self.assertEqual(by_unit, {'loads': 600 / 4 + 100 / 5, 'stores': 300 / 1.5 + 100 / 2, 'fma': 100})
        lines = '\n'.join(port_model.explain('avx2', 16, 150, c, rates, by_unit))
        for shown in ('150.0 non-zero pixels', ' 700 = 600', '5.00 in L1, 4.00', 'bound: 250 ns (stores)'):
            self.assertIn(shown, lines)


def result(dense=None, zero_skipping=None):
    def rival(ratio):
        return ratio and training.Rival('a rival', ratio, (ratio - 0.1, ratio + 0.1))
    return training.Result(ROW, 0.5, 1e-7, rival(dense), rival(zero_skipping), {}, {}, {})


class Marks(unittest.TestCase):
    def test_every_row_of_a_mark_is_measured(self):
        for mark in training_rows.MARKS:
            self.assertIn(mark.row, training_rows.all_rows())

    def test_holds_missed_not_measured(self):
        found = training_rows.verdicts('avx2', {ROW: result(dense=2.3, zero_skipping=1.29)})
        self.assertEqual([v.holds for v in found[:3]], [True, False, None])
        self.assertRegex(found[0].line, r'^holds +avx2 +784-16-16r-10 batch 1: .* at least 2.3: 2.30 \(2.20 to 2.40, a rival\)$')
        self.assertRegex(found[1].line, r'^MISSED +avx2 ')
        self.assertRegex(found[2].line, r'^not measured avx2 .*the row was left out')
        self.assertEqual(verdicts.summary(found), f'1 hold, 1 are missed, {len(found) - 2} were not measured')

    def test_the_columns_of_the_isas_differ(self):
        self.assertIs(training_rows.verdicts('avx512', {ROW: result(dense=2.3)})[0].holds, False)

    def test_a_rival_that_is_not_built_was_not_beaten(self):
        verdict = training_rows.verdicts('avx2', {ROW: result(dense=9)})[1]
        self.assertIs(verdict.holds, None)
        self.assertIn('no such rival is built', verdict.text)

    def check(self, missing, **ratios_):
        arguments = mock.Mock(only='one row')
        with contextlib.redirect_stdout(io.StringIO()) as out:
            good, _ = training.check(['avx2'], {'avx2': {ROW: result(**ratios_)}}, {'avx2': missing}, arguments)
        return good, out.getvalue()

    def test_the_check_fails_on_a_missed_mark_and_on_a_missing_rival(self):
        self.assertTrue(self.check([], dense=2.4, zero_skipping=1.4)[0])
        self.assertFalse(self.check([], dense=2.4, zero_skipping=1.2)[0])
        good, said = self.check(['libxsmm'], dense=2.4, zero_skipping=1.4)
        self.assertFalse(good)
        self.assertIn('libxsmm did not take part', said)
        self.assertIn('avx512: 0 hold, 0 are missed', said)
        self.assertIn('this CPU does not run it', said)

    def test_marks_of_the_program(self):
        figures = program_marks.Figures(pace=1.2, start=None, cost=1.25, peak=60e6, peak_change=2e6)
        self.assertEqual([v.holds for v in program_marks.verdicts('avx2', figures)], [False, None, True, True, True])
        self.assertEqual({v.holds for v in program_marks.verdicts('avx2', None, 'no MNIST')}, {None})


class Data(unittest.TestCase):
    def test_images_again_and_again(self):
        three = bytes.fromhex('00000803 00000003 00000001 00000002') + bytes([1, 2, 3, 4, 5, 6])
        with tempfile.TemporaryDirectory() as folder:
            for count, pixels in ((7, [1, 2, 3, 4, 5, 6] * 2 + [1, 2]), (2, [1, 2, 3, 4])):
                file = Path(folder) / 'images'
                program_marks.write_idx(file, 16, three, count)
                written = file.read_bytes()
                self.assertEqual(written[:16], three[:7] + bytes([count]) + three[8:16])
                self.assertEqual(list(written[16:]), pixels)


REPORT = {
    'machine': 'a CPU', 'command': './tools/bench train', 'rounds': 31,
    'isas': {'avx2': {
        'missing': ['libxsmm'],
        'rows': [{'layers': '784-16-16r-10', 'batch': 1, 'task': 'train', 'time': 0.56789, 'zero_skipping': None,
                  'dense': {'name': 'loops (clang), loops, bytes', 'ratio': 2.345, 'interval': [2.3, 2.4]}},
                 {'layers': '784-16-16r-10', 'batch': 64, 'task': 'classify', 'time': 0.3, 'zero_skipping': None,
                  'dense': None}],
        'reached': [{'recipe': {'target': 96}, 'layers': '784-16-16r-10',
                     'seconds': {'lanewise': 0.2, 'best dense rival': 0.5}}]}}}


class Table(unittest.TestCase):
    def test_machine_command_figures_and_who_is_missing(self):
        isas = REPORT['isas']
        lines = readme_table.table(REPORT | {'isas': {'avx512': isas['avx2'], **isas}})
        self.assertEqual(lines[0], '`./tools/bench train`, a CPU, 31 rounds, µs of CPU time a sample:')
        self.assertEqual([line.split(' | ')[1] for line in lines if line.startswith('| 784')], ['avx512', 'avx2'])
        self.assertIn('| 784-16-16r-10 | avx2 | 0.568 | 2.35 (2.30 to 2.40), loops (clang) | - | - | - | - |', lines)
        self.assertIn('- avx2: Inference of 784-16-16r-10, bytes to classes: 0.3 µs, best dense rival / lanewise -. Not there: libxsmm. ', lines[-1])
        self.assertTrue(lines[-1].endswith('rival: 96 % after 0.20 s (0.50 s) of 784-16-16r-10.'))

    def test_only_what_is_between_the_marks_changes(self):
        readme = f'before\n{readme_table.BEGIN}\nold\n{readme_table.END}\nafter\n'
        changed = readme_table.with_table(readme, ['new'])
        self.assertEqual(changed, f'before\n{readme_table.BEGIN}\nnew\n{readme_table.END}\nafter\n')
        self.assertEqual(readme_table.with_table(changed, ['new']), changed)
        with self.assertRaises(ValueError):
            readme_table.with_table('no marks', ['new'])

    def test_the_readme_has_the_marks(self):
        readme = (Path(readme_table.__file__).parents[1] / 'README.md').read_text()
        self.assertNotEqual(readme_table.with_table(readme, ['new']), readme)


class Compilers(unittest.TestCase):
    @staticmethod
    def result(ratio):
        return compilers.Result(ROW, {'gcc': 100.0, 'clang': 100 * ratio}, ratio, (ratio, ratio))

    def test_the_slower_one_is_held_to_its_share_whichever_it_is(self):
        for ratio, holds in ((1.17, True), (0.86, True), (1.19, False), (0.84, False)):
            with contextlib.redirect_stdout(io.StringIO()) as printed:
                self.assertEqual(compilers.check([self.result(1.0), self.result(ratio)]), holds)
            self.assertIn('0 of 2 rows below' if holds else '1 of 2 rows below', printed.getvalue())
            self.assertIn(f'least {ROW.name} {min(ratio, 1 / ratio):.2f}', printed.getvalue())


if __name__ == '__main__':
    unittest.main()
