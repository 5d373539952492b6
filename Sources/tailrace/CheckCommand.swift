import Glibc
import TailraceCore
import TailraceHTTP
import TailraceRuntime

/// `tailrace check`: what is in force, and whether it works.
enum CheckCommand {
    enum Mode {
        case offline, online
        /// A document is written even if that makes the index.
        case writing
    }

    /// - Returns: 0 when nothing is wrong, else 1, or ``Startup/mistaken``.
    static func run(_ mode: Mode) async -> CInt {
        guard let startup = Startup() else { return Startup.mistaken }
        let settings = startup.settings
        Console.print("Settings:\n" + SettingsText.inForce(startup.inForce))
        var isFine = checkPaths(startup)
        isFine = checkState(settings) && isFine
        if !settings.isOutputStandard, mode != .offline { isFine = await checkEndpoints(startup, mode) && isFine }
        Console.print(isFine ? "\nAll is well." : "\nSomething is wrong: see the lines with ✗.")
        return isFine ? 0 : 1
    }

    private static func checkPaths(_ startup: Startup) -> Bool {
        let files = LinuxLogFiles(ChangeWatcher(time: startup.time))
        let paths = startup.settings.paths.filter { $0 != "-" }
        if paths.count < startup.settings.paths.count { Console.print("Standard input is shipped.") }
        let findings = Discovery(patterns: paths, excluded: startup.settings.excludedPaths).scan(files)
        Console.print("Files (\(findings.files.count)):")
        var isFine = true
        for failure in findings.failures { isFine = bad("\(failure). Give the user of this process the right to.") }
        for folder in findings.folders {
            isFine = bad("\(folder) is a folder, and not shipped. For the files in it, write \(folder)/*.")
        }
        for found in findings.files {
            do throws(FileFailure) {
                let file = try files.open(found.path)
                file.close()
                Console.print("  ✓ \(found.path), \(found.status.size) bytes")
            } catch {
                isFine = bad("\(error). Give the user of this process the right to read it.")
            }
        }
        if findings.files.isEmpty {
            Console.print(
                "  – no file matches \(startup.settings.paths.joined(separator: ", ")) yet; new ones are found while running"
            )
        }
        return isFine
    }

    private static func checkState(_ settings: Settings) -> Bool {
        Console.print("State folder:")
        do throws(FileFailure) {
            let state = try LinuxStateDirectory(settings.stateDirectory)
            try state.replace("check", with: Array("tailrace check\n".utf8))
            unlink(settings.stateDirectory + "/check")
            Console.print("  ✓ \(settings.stateDirectory) can be written to")
            return true
        } catch {
            if error.code == EWOULDBLOCK {
                Console.print("  ✓ \(settings.stateDirectory) is in use by a running Tailrace")
                return true
            }
            return bad("\(error). Mount a volume there that the user of this process may write to.")
        }
    }

    private static func checkEndpoints(_ startup: Startup, _ mode: Mode) async -> Bool {
        Console.print("Endpoint:")
        do {
            let settings = TransportSettings(startup.settings, userAgent: "tailrace/\(Main.version)")
            let transport = try HTTPBulkTransport(settings, time: startup.time, loops: EventLoops())
            var isFine = true
            for endpoint in settings.endpoints {
                let check = EndpointCheck(startup, transport, endpoint, isWriting: mode == .writing)
                for finding in await check.run() {
                    Console.print("  \(finding.mark) \(finding.text)")
                    if finding.isFault { isFine = false }
                }
            }
            await transport.shutDown()
            return isFine
        } catch {
            return bad("\(error)")
        }
    }

    private static func bad(_ text: String) -> Bool {
        Console.print("  ✗ \(text)")
        return false
    }
}
