import Glibc
import Logging
import TailraceCore
import TailraceHTTP
import TailraceRuntime

/// `tailrace exec -- COMMAND…`: runs an app as its child, and ships what it prints, where nobody else can get at it.
enum ExecCommand {
    /// - Returns: the exit code of the app, or 128 and the number of the signal that ended it; 125 when we can't start,
    ///   126 or 127 when it can't, as in containers.
    static func run(_ words: [String]) async -> CInt {
        ChildProcess.forwardSignals()
        var environment = ProcessEnvironment.variables()
        // What the app says on standard error stays what the app says, as long as nothing is wrong.
        if environment["TAILRACE_LOG_LEVEL"]?.isEmpty ?? true { environment["TAILRACE_LOG_LEVEL"] = "warning" }
        guard var startup = Startup(environment) else { return 125 }
        guard !startup.settings.isOutputStandard else {
            Console.printError("tailrace: under exec, standard output is the app's: unset TAILRACE_OUTPUT.")
            return 125
        }
        do {
            let shipping = try PipeShipping(&startup, .exec)
            let loops = EventLoops()
            let transport = try RunCommand.transport(startup, loops)
            let child = try ChildProcess(words, environment: variablesOfApp())
            let readers = [
                PipeReader(child.output, stream: .stdout, target: STDOUT_FILENO),
                PipeReader(child.errors, stream: .stderr, target: STDERR_FILENO),
            ]
            let (end, shutdown) = (Shutdown(), Shutdown())
            let app = Task(executorPreference: ThreadExecutor(name: "child")) {
                defer { end.request() }
                return child.wait()
            }
            let capturing = Task {
                await shipping.capture.run(readers, until: end)
                _ = await app.value
                shutdown.request()
            }
            let ledger = try await RunCommand.ship(
                startup, startup.platform(shipping.state, transport), loops, until: shutdown, shipping)
            await capturing.value
            _ = shipping.close(ledger)
            return await app.value
        } catch let failure as ChildProcess.Failure {
            Console.printError("tailrace: \(failure)")
            return failure.exitCode
        } catch {
            startup.logger.critical("\(error)")
            return 125
        }
    }

    /// Without our settings, some of which are secret.
    private static func variablesOfApp() -> [String] {
        var variables: [String] = []
        var next = environ
        while let entry = next.pointee {
            let text = String(cString: entry)
            if !text.hasPrefix("TAILRACE_") { variables.append(text) }
            next += 1
        }
        return variables
    }
}
