// Errors of Swift, one branch per way to fail.
struct Overdrawn: Error { let account: Int }

func pay(_ account: Int) throws { throw Overdrawn(account: account) }

@main struct Cases {
    static func main() throws {
        let none: Int? = CommandLine.arguments.count > 9 ? 1 : nil
        switch CommandLine.arguments[1] {
        case "fatal": fatalError("account 17 is overdrawn")
        case "index": print([1, 2, 3][CommandLine.arguments.count + 7])
        case "unwrap": print(none!)
        case "thrown": try pay(17)
        case "precondition": precondition(none != nil, "no account")
        case "overflow": print(UInt8(CommandLine.arguments.count) - 9)
        default: break
        }
    }
}
