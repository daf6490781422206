"""Agglomerative clusters of words: those are read as one whose typos would otherwise be read as now one, now another.

Source: Jones et al., ACL 2020, section 4.2, where stability is weighed against fidelity. There, fidelity is how near
the vectors of the words of a cluster are; here, how much of which word was meant a cluster tells (its entropy), which
needs no vectors, and keeps frequent words apart.
"""

from __future__ import annotations

import heapq
import math
from collections.abc import Sequence
from dataclasses import dataclass

from charrobust.progress import Progress, no_progress

_TOLD = 1_000  # merges between reports of progress


@dataclass
class _Cluster:
    """Words that are read as one.

    Attributes:
        words: Their numbers.
        share: Their share of running words.
        reached_by: Numbers of the words some form of which is read as this cluster.
        near: Numbers of the clusters that a word reaches along with this one.
        version: How often it took in another one.
    """

    words: list[int]
    share: float
    reached_by: set[int]
    near: set[int]
    version: int = 0


class Clusters:
    """Clusters under way: in the beginning each word is one."""

    def __init__(self, shares: Sequence[float], owners: Sequence[Sequence[int]], fidelity: float) -> None:
        """Begin with a cluster a word.

        Args:
            shares: The share of each word among running words, the greatest first.
            owners: For each word the numbers of those that its forms are read as, itself among them.
            fidelity: Weight of what words tell against encodings that their typos have.
        """
        self._shares, self._owners, self._fidelity = shares, owners, fidelity
        self._clusters = {number: _Cluster([number], share, set(), set()) for number, share in enumerate(shares)}
        for word, reached in enumerate(owners):
            for number in reached:
                self._clusters[number].reached_by.add(word)
                self._clusters[number].near.update(reached)
        for number, cluster in self._clusters.items():
            cluster.near.discard(number)
        self._queue: list[tuple[float, int, int, int, int]] = []

    def merged(self, progress: Progress = no_progress) -> list[int]:
        """Merge the two clusters that gain most by it, again and again, until none gain.

        Args:
            progress: Called with the merges done.

        Returns:
            For each word the number of the word that it is read as: the most frequent of its cluster.
        """
        for number, cluster in self._clusters.items():
            self._queue_pairs(number, [other for other in cluster.near if other > number])
        merges = 0
        while self._queue:
            _, one, other, one_version, other_version = heapq.heappop(self._queue)
            if self._is_version(one, one_version) and self._is_version(other, other_version):
                self._merge(one, other)
                merges += 1
                if merges % _TOLD == 0:
                    progress("merging words", merges, 0, {})
        read_as = list(range(len(self._shares)))
        for number, cluster in self._clusters.items():
            for word in cluster.words:
                read_as[word] = number  # the lowest of the cluster, which takes in all others
        return read_as

    def _is_version(self, number: int, version: int) -> bool:
        """Tell whether a cluster is still there as it was when it was queued."""
        cluster = self._clusters.get(number)
        return cluster is not None and cluster.version == version

    def _queue_pairs(self, number: int, others: Sequence[int]) -> None:
        """Queue a cluster with those of some others that it would gain by merging with."""
        for other in others:
            gain = self._gain(self._clusters[number], self._clusters[other])
            if gain > 0:
                first, second = min(number, other), max(number, other)
                versions = self._clusters[first].version, self._clusters[second].version
                heapq.heappush(self._queue, (-gain, first, second, *versions))

    def _gain(self, one: _Cluster, other: _Cluster) -> float:
        """Return what is gained by reading two clusters as one."""
        # Each word that reaches both has one encoding fewer afterwards. A sum that hangs on no order of sets.
        spared = math.fsum(self._shares[word] for word in one.reached_by & other.reached_by)
        whole = one.share + other.share
        # What is lost is how well the two were told apart: the entropy of the two, by their share.
        lost = math.fsum(part.share * math.log(whole / part.share) for part in (one, other))
        return spared - self._fidelity * lost

    def _merge(self, number: int, other: int) -> None:
        """Let a cluster take in another one."""
        cluster, taken = self._clusters[number], self._clusters.pop(other)
        cluster.words += taken.words
        cluster.share += taken.share
        cluster.reached_by |= taken.reached_by
        for near in taken.near:
            self._clusters[near].near.discard(other)
            self._clusters[near].near.add(number)
        cluster.near = (cluster.near | taken.near) - {number, other}
        cluster.version += 1
        self._queue_pairs(number, sorted(cluster.near))
