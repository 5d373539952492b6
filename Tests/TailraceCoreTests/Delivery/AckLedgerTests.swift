import TailraceCore
import Testing

@Suite struct AckLedgerTests {
    private func manifest(_ number: UInt64) -> Manifest {
        Manifest(files: [
            Checkpoint(
                id: FileID(high: 0, low: 0), path: "/a", format: .plain, key: FileKey(device: 1, inode: 1),
                birth: 0, fingerprint: .empty, resume: ResumeOffsets(number))
        ])
    }

    @Test(arguments: 0..<50 as Range<UInt64>)
    func `batches are released in the order in which they were cut, each once`(_ seed: UInt64) {
        var random = SeededBytes(seed)
        var ledger = AckLedger()
        var pending: [BatchNumber] = []
        var released: [Manifest] = []
        for number in 0..<100 as Range<UInt64> {
            pending.append(ledger.admit(manifest(number)))
            while random.next() % 3 != 0, !pending.isEmpty {
                released += ledger.settle(pending.remove(at: Int(random.next() % UInt64(pending.count))))
            }
            #expect(ledger.pendingCount >= pending.count)
        }
        while !pending.isEmpty { released += ledger.settle(pending.removeLast()) }
        #expect(released == (0..<100).map(manifest))
        #expect(ledger.pendingCount == 0)
    }

    @Test func `a batch that is on its way holds back those behind it`() {
        var ledger = AckLedger()
        let (first, second) = (ledger.admit(manifest(1)), ledger.admit(manifest(2)))
        #expect(ledger.settle(second).isEmpty)
        #expect(ledger.settle(first) == [manifest(1), manifest(2)])
    }
}
