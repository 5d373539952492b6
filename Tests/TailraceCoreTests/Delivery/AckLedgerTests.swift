import TailraceCore
import Testing

@Suite struct AckLedgerTests {
    /// Of one of three files.
    private func manifest(_ number: UInt64) -> Manifest {
        Manifest(
            files: [
                Checkpoint(
                    id: FileID(high: number % 3, low: 0), path: "/a", format: .plain,
                    key: FileKey(device: 1, inode: 1), birth: 0, fingerprint: .empty, resume: ResumeOffsets(number))
            ], forgotten: [FileID(high: number, low: 1)])
    }

    @Test(arguments: 0..<50 as Range<UInt64>)
    func `batches are released in the order in which they were cut, each once`(_ seed: UInt64) {
        var random = SeededBytes(seed)
        var ledger = AckLedger()
        var pending: [BatchNumber] = []
        var forgotten: [FileID] = []
        func settle(_ number: BatchNumber) {
            guard let released = ledger.settle(number) else { return }
            forgotten += released.forgotten
            let bound = pending.map(\.value).min() ?? .max
            #expect(forgotten == (0..<UInt64(forgotten.count)).map { FileID(high: $0, low: 1) })
            #expect(forgotten.count < bound)
            // The last that was said of each file.
            for file in released.files {
                #expect(file.resume.low + 3 >= UInt64(forgotten.count) && file.resume.low % 3 == file.id.high)
            }
        }
        for number in 0..<100 as Range<UInt64> {
            pending.append(ledger.admit(manifest(number)))
            while random.next() % 3 != 0, !pending.isEmpty {
                settle(pending.remove(at: Int(random.next() % UInt64(pending.count))))
            }
            #expect(ledger.pendingCount <= 2 * pending.count + 1)
        }
        while !pending.isEmpty { settle(pending.removeLast()) }
        #expect(forgotten.count == 100)
        #expect(ledger.pendingCount == 0)
    }

    @Test func `a batch that is on its way holds back those behind it, which are kept as one`() {
        var ledger = AckLedger()
        let first = ledger.admit(manifest(1))
        for number in 2...100 as ClosedRange<UInt64> {
            #expect(ledger.settle(ledger.admit(manifest(number))) == nil)
        }
        #expect(ledger.pendingCount == 2)
        let released = ledger.settle(first)
        #expect(released?.files.map(\.resume.low).sorted() == [98, 99, 100])
        #expect(released?.forgotten.count == 100)
    }
}
