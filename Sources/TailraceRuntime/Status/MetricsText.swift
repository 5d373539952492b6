import TailraceCore

/// Every counter under its name, in the text format of Prometheus (version 0.0.4).
package struct MetricsText {
    package private(set) var text = ""

    /// - Parameter files: where reading of each file stands.
    package init(_ counters: Counters, files: [FileReport]) {
        let ledger = counters.ledger
        family("events_read_total", "counter", "Events that were cut into batches.", [("", ledger.read)])
        family(
            "events_settled_total", "counter", "Events that need no more sending, by what became of them.",
            [
                ("outcome=\"stored\"", ledger.stored), ("outcome=\"already_there\"", ledger.alreadyThere),
                ("outcome=\"rejected\"", ledger.rejected),
            ])
        gauge("events_pending", "Events that are in memory or on their way.", ledger.pending)
        counter("events_redirected_total", "Of those stored: in the failure store.", counters.eventsRedirected)
        family(
            "dead_letters_total", "counter", "Events that the endpoint refused for good, by where they are.",
            [
                ("kept=\"file\"", counters.deadLettersFiled.value),
                ("kept=\"index\"", counters.deadLettersIndexed.value),
                ("kept=\"dropped\"", counters.deadLettersDropped.value),
            ])
        counter(
            "dead_letters_removed_total", "Of those in files: removed for want of room, which loses them.",
            counters.deadLettersRemoved)
        counter(
            "dead_letter_failures_total", "Attempts to write dead letters that failed; their batches wait.",
            counters.deadLettersFailed)
        family(
            "events_flagged_total", "counter", "Events by what happened to them before they were sent.",
            [
                ("flag=\"multiline\"", counters.eventsJoined.value),
                ("flag=\"truncated\"", counters.eventsTruncated.value),
                ("flag=\"timeout\"", counters.eventsTimedOut.value),
                ("flag=\"continuation\"", counters.eventsContinued.value),
                ("flag=\"invalid_utf8\"", counters.eventsRepaired.value),
                ("flag=\"malformed\"", counters.eventsMalformed.value),
                ("flag=\"partial\"", counters.eventsPartial.value),
            ])
        counter("lines_read_total", "Lines in those events.", counters.linesRead)
        counter("bytes_read_total", "Bytes of log files in those events.", counters.bytesRead)
        counter("batches_cut_total", "Batches.", counters.batchesCut)
        counter("batches_settled_total", "Batches that need no more sending.", counters.batchesSettled)
        counter("bytes_encoded_total", "Bytes of request bodies before compression.", counters.bytesEncoded)
        counter("bytes_sent_total", "Bytes of request bodies as they were sent.", counters.bytesSent)
        family(
            "requests_total", "counter", "Bulk requests, by how they ended.",
            [
                ("outcome=\"accepted\"", counters.requestsAccepted.value),
                ("outcome=\"partly\"", counters.requestsPartly.value),
                ("outcome=\"failed\"", counters.requestsFailed.value),
            ])
        counter(
            "requests_repeated_total", "Of all requests: with documents that had been sent before.",
            counters.requestsRepeated)
        gauge("concurrency_limit", "Requests that may be under way at once now.", counters.concurrencyLimit.value)
        gauge(
            "request_size_limit_bytes", "Learnt from requests that were too large; 0 as long as none was.",
            counters.sizeLimit.value)
        family(
            "delivery_complaints_total", "counter", "Replies after which documents had to wait, by what was wrong.",
            zip(Complaint.Kind.allCases, counters.complaints).map { ("kind=\"\($0.rawValue)\"", $1.value) })
        family(
            "checkpoint_saves_total", "counter", "Attempts to save the checkpoints.",
            [
                ("outcome=\"saved\"", counters.checkpointsSaved.value),
                ("outcome=\"failed\"", counters.checkpointsFailed.value),
            ])
        gauge("files_open", "Log files that are held open.", counters.filesOpen.value)
        gauge("files_followed", "Log files that are read, open or not.", counters.filesFollowed.value)
        counter(
            "files_skipped_total", "Log files left unread: too old, or without a checkpoint.", counters.filesSkipped)
        counter(
            "files_truncated_total", "Log files that were emptied, without a copy of what they had held.",
            counters.filesTruncated)
        gauge("memory_used_bytes", "Of TAILRACE_MEMORY_LIMIT.", counters.memoryUsed.value)
        spool(counters)
        capture(counters)
        // A rotated file and its successor have the same path.
        let labels = files.map { "path=\"\(Self.escaped($0.path))\",file=\"\($0.id.text)\"" }
        family(
            "file_size_bytes", "gauge", "Size as it was seen last.", zip(labels, files.map { Int($0.size) }).map { $0 })
        family(
            "file_delivered_bytes", "gauge", "How far everything of a file is settled, and saved.",
            zip(labels, files.map { Int($0.delivered) }).map { $0 })
        family(
            "file_position_bytes", "gauge", "How far a file was read.",
            zip(labels, files.map { Int($0.position) }).map { $0 })
    }

    private mutating func spool(_ counters: Counters) {
        gauge("spool_bytes", "Of TAILRACE_SPOOL_MAX_SIZE.", counters.spoolBytes.value)
        gauge("spool_segments", "Files of the spool.", counters.spoolSegments.value)
        gauge("spool_events", "Events in the spool that are not settled.", counters.spoolEvents.value)
        counter("spool_frames_written_total", "Batches that were written to the spool.", counters.spoolFramesWritten)
        counter("spool_bytes_written_total", "Bytes that were written to the spool.", counters.spoolBytesWritten)
        counter("spool_failures_total", "Attempts to use the spool that failed.", counters.spoolFailures)
        counter("spool_damaged_total", "Places in the spool that could not be read.", counters.spoolDamaged)
        counter("events_recovered_total", "Events found in the spool at the start.", counters.eventsRecovered)
        counter("events_damaged_total", "Events in those places.", counters.eventsDamaged)
        let drops = counters.drops.byFile.map { ("path=\"\(Self.escaped($0.path))\"", $0.count) }
        family(
            "events_dropped_total", "counter", "Events dropped because the spool was full, by file.",
            drops.isEmpty ? [("", 0)] : drops)
    }

    private mutating func capture(_ counters: Counters) {
        gauge("capture_bytes", "Of TAILRACE_CAPTURE_MAX_SIZE.", counters.captureBytes.value)
        counter(
            "capture_lines_dropped_total", "Lines from pipes that there was no room for.", counters.captureLinesDropped)
        counter(
            "capture_failures_total", "Attempts to write to the captured files that failed.", counters.captureFailures)
    }

    private mutating func counter(_ name: String, _ help: String, _ counter: Counter) {
        family(name, "counter", help, [("", counter.value)])
    }

    private mutating func gauge(_ name: String, _ help: String, _ value: Int) {
        family(name, "gauge", help, [("", value)])
    }

    private mutating func family(
        _ name: String, _ kind: String, _ help: String, _ samples: [(labels: String, value: Int)]
    ) {
        text += "# HELP tailrace_\(name) \(help)\n# TYPE tailrace_\(name) \(kind)\n"
        for sample in samples {
            text += "tailrace_\(name)\(sample.labels.isEmpty ? "" : "{\(sample.labels)}") \(sample.value)\n"
        }
    }

    private static func escaped(_ text: String) -> String {
        var output = ""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\\": output += "\\\\"
            case "\"": output += "\\\""
            case "\n": output += "\\n"
            default: output.unicodeScalars.append(scalar)
            }
        }
        return output
    }
}
