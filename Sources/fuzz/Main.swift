import Glibc
import TailraceFuzzing

#if LIBFUZZER
    /// libFuzzer, which sees what code an input reaches. Called instead of its own `main`, whose place is taken.
    @_silgen_name("LLVMFuzzerRunDriver")
    private func runFuzzer(
        _ count: UnsafeMutablePointer<CInt>,
        _ arguments: UnsafeMutablePointer<UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>>,
        _ test: @convention(c) (UnsafePointer<UInt8>?, Int) -> CInt
    ) -> CInt

    /// `fuzz [libFuzzer's options] [CORPUS]`. FUZZ_TARGET names one target; without it, the first byte of an input chooses.
    @main
    enum Main {
        static func main() {
            var (count, arguments) = (CommandLine.argc, CommandLine.unsafeArgv)
            exit(runFuzzer(&count, &arguments, test))
        }

        private static let test: @convention(c) (UnsafePointer<UInt8>?, Int) -> CInt = { start, count in
            var bytes = Array(UnsafeBufferPointer(start: start, count: count))
            if let name = getenv("FUZZ_TARGET").map({ String(cString: $0) }) {
                FuzzTarget.all.first { $0.name == name }?.run(bytes)
            } else if !bytes.isEmpty {
                let choice = Int(bytes.removeFirst()) % FuzzTarget.all.count
                FuzzTarget.all[choice].run(bytes)
            }
            return 0
        }
    }
#else
    /// `fuzz [--inputs N] [--seed N] [--target NAME]`: damaged inputs for everything that reads bytes of others.
    @main
    enum Main {
        static func main() {
            var (inputs, seed, name) = (100_000, UInt64.random(in: 0...UInt64(UInt32.max)), "")
            var arguments = CommandLine.arguments.dropFirst()
            while let option = arguments.popFirst(), let value = arguments.popFirst() {
                switch option {
                case "--inputs": inputs = Int(value) ?? inputs
                case "--seed": seed = UInt64(value) ?? seed
                case "--target": name = value
                default: arguments = [option]
                }
            }
            for target in FuzzTarget.all where name.isEmpty || target.name == name {
                print("\(target.name): \(inputs) inputs from seed \(seed)")
                target.run(inputs: inputs, seed: seed) { current in
                    // When it crashes, the last one that is named is not far away.
                    if (current &- seed) % 10_000 == 0 { print("\(target.name): seed \(current)") }
                    // No input may take so long.
                    alarm(10)
                }
                alarm(0)
                var usage = rusage()
                getrusage(__rusage_who_t(RUSAGE_SELF.rawValue), &usage)
                // KiB.
                guard usage.ru_maxrss < 512 << 10 else {
                    print("\(target.name): \(usage.ru_maxrss) KiB of memory")
                    exit(1)
                }
            }
            print("No crash, no hang, no unbounded memory.")
        }

        /// At once: after a crash the last line is what counts.
        private static func print(_ text: String) {
            let line = Array((text + "\n").utf8)
            _ = write(STDOUT_FILENO, line, line.count)
        }
    }
#endif
