import TailraceCore

/// Noticing: which files there are, and which of them have something to read.
extension TailSet {
    func note(_ changes: FileChanges) {
        for key in changes.written.sorted(by: { ($0.device, $0.inode) < ($1.device, $1.inode) }) {
            if let tail = tails[key] { makeReady(tail) }
        }
        if changes.isListingStale || changes.isIncomplete { schedule.isListingStale = true }
        if changes.isIncomplete { for tail in tails.all { makeReady(tail) } }
    }

    /// Looks for new files and for growth that nobody told of, when it is time to.
    func look(_ now: Moment) {
        if schedule.isLookDue(now) {
            findFiles(now)
            schedule.haveLooked(from: now, to: time.now, isComplete: !finder.isCutShort)
        }
        if schedule.isPollDue(now) {
            var isUntold = false
            for tail in open.all where !tail.isReady {
                guard let tailer = tail.tailer else { continue }
                let hasGrown = tailer.mayHaveGrown
                isUntold = isUntold || hasGrown
                if hasGrown || tail.hasFailed || tail.isDraining { makeReady(tail) }
            }
            schedule.havePolled(from: now, to: time.now, isUntold: isUntold || !finder.isWatching)
        }
    }

    /// Looks at everything once more, whatever was seen before.
    func lookAgain(_ now: Moment) {
        repeat { findFiles(now) } while finder.isCutShort
        for tail in open.all { makeReady(tail) }
    }

    private func findFiles(_ now: Moment) {
        let sight = schedule.sight
        let begunAt = time.wallClock
        let findings = finder.scan(now: now)
        for found in findings.files {
            // The number of a file that is gone may have been given to another; not while it is open.
            if let tail = tails[found.status.key], tail.tailer == nil, !tail.checkpoint.mayDescribe(found.status) {
                miss(tail, now)
            }
            if let tail = tails[found.status.key] {
                tail.tailer?.pathIsFound()
                tail.isFound(at: found.path)
                tail.sight = sight
                if tail.hasFailed || tail.hasChanged(found.status) { makeReady(tail) }
            } else if let found = admit(found, now) {
                add(found).sight = sight
            }
        }
        for tail in tails.all where tail.sight != sight {
            guard let tailer = tail.tailer else {
                miss(tail, now)
                continue
            }
            tailer.pathIsLost(now: now)
            if tailer.isRest { makeReady(tail) }
        }
        let rotated = finder.lookForRotated(findings, begunAt: begunAt, now: now, tails: tails)
        for found in rotated.found {
            guard !tails.isKnown(found.file.status) else {
                found.file.file.close()
                continue
            }
            let tail = add(found)
            tail.sight = sight
            guard let quietSince = found.quietSince else { continue }
            // With each start, all that were rotated since the one before would else be watched for as long as others.
            let age = max(time.wallClock.nanoseconds - quietSince, 0)
            tail.tailer?.pathIsLost(now: now, quietSince: Moment(nanoseconds: now.nanoseconds - age))
        }
        parting += rotated.finished
        for tail in tails.all where tail.isEmptied { followCopy(of: tail, now) }
        readCopies += finder.takeReadCopies(tails)
        counters.filesFollowed.set(tails.all.count)
        counters.filesOpen.set(open.count)
    }

    /// Once more with fewer files open, if that is what it takes.
    private func admit(_ found: Discovery.Found, _ now: Moment) -> Found? {
        do throws(FileFailure) {
            return try finder.admit(found, now: now, tails: tails)
        } catch {
            guard keepFewerOpen(error, now) else { return nil }
            return try? finder.admit(found, now: now, tails: tails)
        }
    }

    private func add(_ found: Found) -> Tail {
        let tailer = Tailer(found.file, checkpoint: found.checkpoint, rules: rules)
        let tail = Tail(tailer, key: found.file.status.key, place: found.file.path)
        enter(tail, isUnknown: found.isUnknown)
        // What has no turn yet needs no descriptor either.
        if open.isOverfull, !found.isRotated { close(tail) }
        return tail
    }
}
