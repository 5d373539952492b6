import TailraceRuntime

// The commands take hardly any arguments. ArgumentParser would double the binary and cost every sidecar 4 MiB.
@main
enum Main {
    static let version = "0.1.0"

    static func main() async {
        MemoryTrim.settleAllocator()
        Console.exit(await command(Array(CommandLine.arguments.dropFirst())))
    }

    private static func command(_ arguments: [String]) async -> CInt {
        let rest = Array(arguments.dropFirst())
        switch (arguments.first ?? "run", rest) {
        case ("--help", []), ("-h", []), ("help", []), (_, ["--help"]), (_, ["-h"]):
            Console.print(usage, terminator: "")
        case ("run", []): return await RunCommand.run()
        case ("exec", _) where rest.first == "--" && rest.count > 1:
            return await ExecCommand.run(Array(rest.dropFirst()))
        case ("exec", _) where rest.first.map { !$0.hasPrefix("-") } ?? false: return await ExecCommand.run(rest)
        case ("check", []): return await CheckCommand.run(.online)
        case ("check", ["--offline"]): return await CheckCommand.run(.offline)
        case ("check", ["--write"]): return await CheckCommand.run(.writing)
        case ("setup", _):
            guard let options = SetupCommand.Options(rest) else { return refuse(arguments) }
            return await SetupCommand.run(options)
        case ("demo", _) where !rest.contains { $0.hasPrefix("-") }: return await DemoCommand.run(paths: rest)
        case ("state", []): return StateCommand.list()
        case ("state", _) where rest.count == 2 && rest[0] == "--reset": return StateCommand.reset(rest[1])
        case ("join", _)
        where rest.filter { $0 != "--explain" }.count <= 1 && !rest.contains { $0.hasPrefix("--") && $0 != "--explain" }:
            return JoinCommand.run(
                rest.first { $0 != "--explain" } ?? "-", isExplaining: rest.contains("--explain"))
        case ("spool", _):
            guard let action = SpoolCommand.Action(rest) else { return refuse(arguments) }
            return await SpoolCommand.run(action)
        case ("replay", []): return await ReplayCommand.run(file: nil)
        case ("replay", _) where rest.count == 1 && !rest[0].hasPrefix("-"):
            return await ReplayCommand.run(file: rest[0])
        case ("settings", []): Console.print(SettingsText.plain(table), terminator: "")
        case ("settings", ["--markdown"]): Console.print(SettingsText.markdown(table), terminator: "")
        case ("--version", []), ("version", []): Console.print("tailrace \(version)")
        default: return refuse(arguments)
        }
        return 0
    }

    private static func refuse(_ arguments: [String]) -> CInt {
        Console.printError("tailrace: \"\(arguments.joined(separator: " "))\" is no command.\n\n\(usage)")
        return 2
    }

    /// Of an empty environment.
    private static var table: [SettingInForce] {
        var reader = SettingReader([:], readFile: ProcessEnvironment.readFile)
        _ = Settings(reading: &reader)
        return reader.inForce
    }

    private static let usage = """
        Tailrace ships container logs to Elasticsearch, OpenSearch and whatever else takes _bulk.

        tailrace [run]              follow the files and ship them, until SIGTERM
        tailrace exec -- COMMAND... run an app, and ship what it prints to standard output and standard error
        tailrace check [--offline | --write]
                                    show the settings in force, try the paths and the endpoint; write a document there,
                                    where that makes no new index or with --write, and remove it
        tailrace setup [--print] [--force] [--kibana URL]
                                    make index template, retention and data stream; a dashboard
        tailrace demo [PATHS...]    ship sample logs, or these files, to an endpoint inside the process
        tailrace state [--reset FILE]
                                    show how far each file is delivered, or read one again from its start
        tailrace spool [--cat [SEGMENT] | --verify | --drain]
                                    list what waits on disk, print its records, check it, or send it
        tailrace join [--explain] [FILE]
                                    print the records of a log with a rule between them, and why each line is where it is
        tailrace replay [FILE]      send records again that the endpoint had refused for good
        tailrace settings [--markdown]
                                    list all settings
        tailrace --version, --help

        It is configured by environment variables alone: see `tailrace settings`.

        """
}
