import Glibc
import Logging
import TailraceCore
import TailraceHTTP
import TailraceRuntime

/// `tailrace spool`: what waits on disk. All but `--drain` only look, and may do so while a Tailrace is running.
enum SpoolCommand {
    enum Action: Equatable {
        case list
        /// The documents of all segments, or of one.
        case cat(segment: String?)
        case verify
        case drain

        init?(_ arguments: [String]) {
            switch (arguments.first, arguments.count) {
            case (nil, _): self = .list
            case ("--cat", 1): self = .cat(segment: nil)
            case ("--cat", 2): self = .cat(segment: arguments[1])
            case ("--verify", 1): self = .verify
            case ("--drain", 1): self = .drain
            default: return nil
            }
        }
    }

    /// - Returns: 0, or 1 when something is damaged, can't be read, or is left, or ``Startup/mistaken``.
    static func run(_ action: Action) async -> CInt {
        guard let startup = Startup() else { return Startup.mistaken }
        let folder = startup.settings.spoolDirectory
        let survey = SpoolSurvey(LinuxSpoolDirectory(folder))
        do throws(FileFailure) {
            let segments = try survey.segments()
            switch action {
            case .list: return list(segments, folder, startup.time.wallClock)
            case .cat(let name): return try cat(segments, name, survey)
            case .verify: return try verify(segments, survey)
            case .drain: return await SpoolDrain(startup).run(segments)
            }
        } catch {
            if error.isAboutNothing {
                Console.print("There is no spool in \(folder).")
                return 0
            }
            Console.printError("tailrace: \(error)")
            return 1
        }
    }

    // MARK: Listing

    private static func list(_ segments: [SpoolSurvey.Segment], _ folder: String, _ now: Timestamp) -> CInt {
        if !segments.isEmpty {
            Console.print(
                column("SIZE") + column("BATCHES") + column("RECORDS") + column("OLDEST") + "  STATE      SEGMENT")
        }
        for segment in segments {
            let waiting = segment.waiting
            let oldest = waiting.first.map { age($0.header.writtenAt, now) } ?? "-"
            Console.print(
                column("\(segment.size)") + column("\(waiting.count)") + column("\(segment.documents)") + column(oldest)
                    + "  \(state(segment))  \(segment.name)")
        }
        let live = segments.filter { !$0.isSetAside }
        let oldest = live.compactMap { $0.waiting.first?.header.writtenAt }.min()
        Console.print(
            """
            \(live.count) segments, \(live.reduce(0) { $0 + $1.size }) bytes, \
            \(live.reduce(0) { $0 + $1.waiting.count }) batches and \(live.reduce(0) { $0 + $1.documents }) records \
            waiting\(oldest.map { ", the oldest for \(age($0, now))" } ?? "") in \(folder)
            """)
        return 0
    }

    private static func state(_ segment: SpoolSurvey.Segment) -> String {
        if segment.isSetAside { return "set aside" }
        if !segment.damage.isEmpty { return "damaged  " }
        if !segment.waiting.isEmpty { return "waiting  " }
        return segment.tail == nil ? "delivered" : "torn     "
    }

    private static func age(_ time: Timestamp, _ now: Timestamp) -> String {
        let seconds = max(0, (now.nanoseconds - time.nanoseconds) / 1_000_000_000)
        return switch seconds {
        case ..<120: "\(seconds) s"
        case ..<7200: "\(seconds / 60) min"
        default: "\(seconds / 3600) h"
        }
    }

    private static func column(_ text: String) -> String {
        String(repeating: " ", count: max(1, 12 - text.count)) + text
    }

    // MARK: Looking into batches

    private static func cat(
        _ segments: [SpoolSurvey.Segment], _ name: String?, _ survey: SpoolSurvey
    ) throws(FileFailure) -> CInt {
        let chosen = segments.filter { name == nil ? !$0.isSetAside : $0.name == name }
        if let name, chosen.isEmpty {
            Console.printError("tailrace: there is no segment \(name). `tailrace spool` lists them.")
            return 1
        }
        var isWhole = true
        for segment in chosen {
            for (frame, offset) in segment.waiting {
                do throws(FileFailure) {
                    if let documents = try survey.documents(frame, at: offset, of: segment) {
                        Console.print(bytes: documents)
                        continue
                    }
                    isWhole = bad(segment, "the batch \(frame.sequence) at byte \(offset) is damaged")
                } catch {
                    // Delivered meanwhile.
                    guard error.isAboutNothing else { throw error }
                    break
                }
            }
        }
        return isWhole ? 0 : 1
    }

    /// Looks at every byte that is still to be sent.
    private static func verify(_ segments: [SpoolSurvey.Segment], _ survey: SpoolSurvey) throws(FileFailure) -> CInt {
        var isWhole = true
        for segment in segments {
            var batches = 0
            let wasWhole = isWhole
            for range in segment.damage {
                isWhole = bad(segment, "bytes \(range.lowerBound) to \(range.upperBound) belong to no batch")
            }
            for (frame, offset) in segment.waiting {
                if try survey.documents(frame, at: offset, of: segment) == nil {
                    isWhole = bad(segment, "the batch \(frame.sequence) at byte \(offset) is damaged")
                } else {
                    batches += 1
                }
            }
            let tail =
                segment.tail.map { range in
                    """
                    ; \(range.count) bytes behind them are no whole batch: one is being written, or was when the process was \
                    killed, and is cut off at the next start
                    """
                } ?? ""
            Console.print("\(segment.name): \(batches) batches are whole\(tail).")
            // That something is wrong with it is known, and nobody sends it.
            if segment.isSetAside { isWhole = wasWhole }
        }
        Console.print(isWhole ? "All is well." : "Something is damaged: see the lines above.")
        return isWhole ? 0 : 1
    }

    private static func bad(_ segment: SpoolSurvey.Segment, _ what: String) -> Bool {
        Console.printError("tailrace: \(segment.name): \(what). What was in it is lost, unless it is in the log files.")
        return false
    }
}
