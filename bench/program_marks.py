# SPDX-License-Identifier: MIT
"""What `lanewise train` itself must keep: the benchmark's pace, a short start, constant cost and memory. In CPU time of whole
runs: an epoch is half the difference between runs of three and of one."""

import gzip
import multiprocessing
import os
import statistics
import struct
import subprocess
import tempfile
from dataclasses import dataclass
from pathlib import Path

from verdicts import Verdict

ROUNDS = 7
TRAIN, TEST = 'train', 't10k'
MEGABYTE = 1e6


@dataclass(frozen=True)
class Run:
    seconds: float  # of CPU
    peak: float     # bytes


def run(command, isa, cpu):
    with open(os.devnull, 'w') as nowhere:
        process = subprocess.Popen(command, stdout=nowhere, stderr=subprocess.PIPE, env={**os.environ, 'LANEWISE_ISA': isa},
                                   preexec_fn=lambda: os.sched_setaffinity(0, {cpu}))
        said = process.stderr.read()
        _, status, used = os.wait4(process.pid, 0)
    if status != 0:
        raise RuntimeError(f'{command[0]} failed: {said.decode()}')
    return Run(used.ru_utime + used.ru_stime, 1024 * used.ru_maxrss)


def mnist_files(folder):
    """The four files, or None."""
    for place in (Path(folder), Path(folder) / 'MNIST/raw'):
        found = [next((place / f'{which}-{what}-ubyte{end}' for end in ('', '.gz')
                       if (place / f'{which}-{what}-ubyte{end}').exists()), None)
                 for which in (TRAIN, TEST) for what in ('images-idx3', 'labels-idx1')]
        if all(found):
            return found
    return None


def content(file):
    return gzip.decompress(file.read_bytes()) if file.suffix == '.gz' else file.read_bytes()


def write_idx(file, header_size, values, count):
    """The first `count` items of an IDX file's content, the whole of it again and again."""
    header, items = values[:header_size], memoryview(values)[header_size:]
    size = len(items) // struct.unpack('>I', header[4:8])[0]
    with open(file, 'wb') as out:
        out.write(header[:4] + struct.pack('>I', count) + header[8:])
        while count > 0:
            out.write(items[:count * size])
            count -= min(count, len(items) // size)


def write_all(folder, files, train_count):
    folder.mkdir()
    for file, header_size, count in zip(files, (16, 8, 16, 8), (train_count, train_count, 100, 100)):
        write_idx(folder / file.name.removesuffix('.gz'), header_size, content(file), count)


def write_data(folder, files, train_count):
    """MNIST in folder, `train_count` images of it; and a hundred to test on, so that an epoch is training alone. By another
    process: the peak of a child begins with that of its parent."""
    writer = multiprocessing.get_context('fork').Process(target=write_all, args=(folder, files, train_count))
    writer.start()
    writer.join()
    if writer.exitcode != 0:
        raise RuntimeError(f'the images could not be written to {folder}')
    return folder


@dataclass(frozen=True)
class Figures:
    """Medians over rounds."""
    pace: float         # an epoch / the benchmark's samples
    start: float        # all but the epoch / zcat of the files; None where they are not gzipped
    cost: float         # a sample of 600,000 / of 60,000
    peak: float         # bytes, of training MNIST
    peak_change: float  # bytes, of the peak without the pixels from 60,000 to 600,000


def measure(program, isa, data, microseconds, quiet_cpu):
    """microseconds(): the benchmark's, of a sample, now, on quiet_cpu(), where all that is compared with it runs. Everything in
    a round is measured side by side."""
    files = mnist_files(data)
    with tempfile.TemporaryDirectory() as scratch:
        work = Path(scratch)
        small = write_data(work / 'small', files, 60_000)
        large = write_data(work / 'large', files, 600_000)

        def train(folder, epochs):
            return run([program, 'train', '--data', folder, '--epochs', str(epochs), '--out', work / 'out'], isa, quiet_cpu())

        def epoch(folder, one):
            return (train(folder, 3).seconds - one.seconds) / 2

        zipped = all(file.suffix == '.gz' for file in files)
        pace, start, cost = [], [], []
        for _ in range(ROUNDS):
            whole, one = train(data, 1), train(small, 1)
            seconds = epoch(small, one)
            pace.append(1e6 * seconds / 60_000 / microseconds())
            if zipped:
                start.append((whole.seconds - epoch(data, whole)) / run(['zcat', *files], isa, quiet_cpu()).seconds)
        for _ in range(3):
            many, one = train(large, 1), train(small, 1)
            cost.append(epoch(large, many) / 10 / epoch(small, one))
        pixels = 784 * 60_000
        return Figures(statistics.median(pace), statistics.median(start) if zipped else None, statistics.median(cost),
                       whole.peak, (many.peak - 10 * pixels) - (one.peak - pixels))


def verdicts(isa, figures, why_not=''):
    """figures: None, because of why_not."""
    def verdict(text, value, most, shown):
        if value is None:
            return Verdict(isa, f'{text} ({why_not or "the files are not gzipped"})', None)
        return Verdict(isa, f'{text}: {shown(value)}', value <= most)

    def of(name):
        return figures and getattr(figures, name)

    def ratio(value):
        return f'{value:.2f}'

    def megabytes(value):
        return f'{value / MEGABYTE:.1f} MB'

    return [
        verdict("lanewise train: an epoch / the benchmark's samples at most 1.15", of('pace'), 1.15, ratio),
        verdict('lanewise train: all but the epoch and the test / zcat of the files at most 1.5', of('start'), 1.5, ratio),
        verdict('lanewise train: a sample of 600,000 / of 60,000 at most 1.25', of('cost'), 1.25, ratio),
        verdict('lanewise train: peak memory at most 120 MB', of('peak'), 120 * MEGABYTE, megabytes),
        verdict('lanewise train: peak memory without the pixels grows by at most 10 MB to 600,000 images', of('peak_change'),
                10 * MEGABYTE, megabytes),
    ]
