import TailraceRuntime
enum DemoCommand { static func run(paths: [String]) async -> CInt { 1 } }
