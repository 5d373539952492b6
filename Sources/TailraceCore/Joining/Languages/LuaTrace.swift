/// Errors of Lua and OpenResty.
///
///     lua: bank.lua:3: account 17                                    (the text may have several lines)
///     stack traceback:
///     ⇥[C]: in function 'error'
///     ⇥bank.lua:3: in function 'pay'
///     ⇥(...tail calls...)
///     ⇥[C]: in ?
///
/// StackTracePlus, in place of the traceback:
///
///     Stack Traceback
///     ===============
///     (2) Lua function 'pay' at file 'bank.lua:3' (best guess)
///     ⇥Local variables:
///     ⇥ account = number: 17
///     (4) tail call
///
/// - SeeAlso: `lauxlib.c` (`luaL_traceback`), `lua.c` (`msghandler`); `ngx_http_lua_util.c` (`coroutine 0:`).
enum LuaTrace {
    private static let message = TracePlaces.own(0)
    private static let frames = TracePlaces.own(1)
    private static let uncaught = TracePlaces.own(2)
    private static let ruler = TracePlaces.own(3)
    private static let variables = TracePlaces.own(4)

    static let grammar = TraceGrammar(
        language: .lua,
        rules: [
            TraceRule([.anyHead, message, frames], .equals("stack traceback:", indented: .any), .joins(frames)),
            TraceRule(frames, frame, .joins(frames)),
            TraceRule(frames, bareFrame, .joins(frames)),
            TraceRule(frames, .starts("coroutine "), .joins(frames)),
            // An error with a stack in its text.
            TraceRule(frames, .indented, .waits(frames)),
            TraceRule([.anyHead, message], .equals("Stack Traceback"), .waits(ruler)),
            TraceRule(ruler, .equals("==============="), .joins(variables)),
            TraceRule(variables, numberedFrame, .joins(variables)),
            TraceRule(variables, .indented, .joins(variables)),
            TraceRule(.first, interpreter, .waits(message)),
            TraceRule(.first, .equals("Uncaught exception:"), .waits(uncaught)),
            TraceRule(uncaught, textAtPlace, .waits(message)),
            TraceRule(.announcingHead, syntaxError, .joins(message)),
            TraceRule([.tellingHead, message], .free, .waits(message)),
            TraceRule([.tellingHead, message], .blank, .waits(message)),
            TraceRule(.first, frameOfFile, .resumes(frames)),
            TraceRule(.first, .equals("stack traceback:"), .resumes(frames)),
            TraceRule(.first, .equals("coroutine 0:"), .resumes(frames)),
        ])

    /// `/app/bank.lua:3: account 17`, behind what Luvit says
    private static let textAtPlace = LinePattern.shape(
        "an error of Lua", .letters.union(ByteSet(of: "/.[")), needs: [.colon, .digit]
    ) { FrameShape.isText(atPlace: $0) }

    /// `⇥/app/bank.lua:3: '=' expected near '+'`, behind what could not be loaded
    private static let syntaxError = LinePattern.shape(
        "an error of Lua", .letters.union(ByteSet(of: "/.")), indented: .some, needs: [.colon, .digit]
    ) { FrameShape.isText(atPlace: $0) }

    /// `⇥/app/bank.lua:3: in function 'pay'`, `⇥[C]: in function 'error'`
    private static let frameOfFile = LinePattern.shape(
        "a frame of Lua", .letters.union(ByteSet(of: "/.[")), indented: .some, needs: .colon
    ) { line in
        if line.has("[C]: in ", at: line.indent) { return true }
        guard let file = line.index(of: ".lua:", from: line.indent) else { return false }
        return line.has(": in ", at: line.endOfDigits(from: file + 5))
    }

    private static let frame = LinePattern.shape("a frame of Lua", .all, indented: .some) { line in
        line.index(of: ": in ", from: line.indent) != nil || line.has("...", at: line.indent)
            || line.has("(...", at: line.indent) || line.has("[C]: at 0x", at: line.indent)
            || line.has("[C]: ?", at: line.indent)
    }

    /// `bank.lua:3: in function 'pay'`, where somebody has taken the tab away.
    private static let bareFrame = LinePattern.shape(
        "a frame of Lua", .letters.union(ByteSet(of: "/.[")), needs: .colon
    ) { line in
        line.index(of: ": in function ", from: 0) ?? line.index(of: ": in main chunk", from: 0)
            ?? line.index(of: "[C]: in ?", from: 0) != nil
    }

    /// `(3) Lua function 'pay' at file 'bank.lua:3'`, `(4) tail call`
    private static let numberedFrame = LinePattern.shape(
        "a frame of Lua", ByteSet(of: "("), needs: [.roundBracket, .digit]
    ) {
        line in
        let end = line.endOfDigits(from: 1)
        return end > 1 && line.has(") ", at: end)
    }

    /// `lua: bank.lua:3: text`, `lua5.4: …`, `luajit: …`, `lua5.1.exe: …`
    private static let interpreter = LinePattern.shape("an error of Lua", ByteSet(of: "l"), needs: .colon) { line in
        guard line.has("lua", at: 0), let colon = line.index(of: UInt8(ascii: ":"), from: 3), colon < 12 else {
            return false
        }
        return line.has(": ", at: colon)
    }
}
