/// What Python's libraries add to the text of their exceptions on lines of their own, which nothing else tells from prose.
///
///     sqlalchemy.exc.OperationalError: (…) no such table: account
///     [SQL: SELECT number
///     FROM account]                                                  (a statement may have several lines)
///     (Background on this error at: https://sqlalche.me/e/20/e3q8)
///
///     RuntimeError: CUDA error: device-side assert triggered
///     CUDA kernel errors might be asynchronously reported …
///     Compile with `TORCH_USE_CUDA_DSA` to enable device-side assertions.
///
///     torch.distributed.elastic.multiprocessing.errors.ChildFailedError:
///     ============================================================     (a report between two such lines)
///
///     ValidationError: 1 validation error for Account
///     number
///       Input should be a valid integer [type=int_type, …]
///
/// - SeeAlso: `sqlalchemy/exc.py` (`StatementError._sql_message`); `c10/cuda/CUDAMiscFunctions.cpp`;
///   `torch/distributed/elastic/multiprocessing/errors/__init__.py` (`_TemplateFormatter` of `ChildFailedError`);
///   `pydantic_core`'s `ValidationError`; libpq's `pqBuildErrorMessage3`; `jsonschema/exceptions.py`;
///   `distributed/worker.py` (`log_errors` of `execute`); `socketserver.py` (`handle_error`);
///   `kubernetes/client/exceptions.py`; `torch/_dynamo/exc.py`; `selenium/common/exceptions.py`; NCCL's `ncclGetLastError`.
enum PythonDetails {
    /// True when the text of an exception ends in the middle of something: lines with blanks in front belong to it.
    static func announcesLines(_ line: borrowing LineView) -> Bool {
        let end = line.bytes.endOfText(before: line.count)
        guard end > 0 else { return false }
        switch line.bytes[end - 1] {
        case UInt8(ascii: ":"), UInt8(ascii: "("), UInt8(ascii: "["), UInt8(ascii: "{"), UInt8(ascii: ","),
            UInt8(ascii: "\\"):
            return true
        default: return false
        }
    }

    /// `Bot initialised`
    static let prose = LinePattern.shape("prose", .letters) { line in
        line.marks.isDisjoint(with: [.colon, .digit, .roundBracket, .squareBracket, .quote])
    }

    /// A line of a detail that ends with it.
    static let line = LinePattern.shape("a detail", ByteSet(of: "[(FHOPRLDQCTSYn'0123456789")) { line in
        switch line.firstByte {
        case UInt8(ascii: "0")...UInt8(ascii: "9"):
            line.ends(with: " successful operations.") || line.ends(with: " derived errors ignored.")
        case UInt8(ascii: "["):
            (line.has("[SQL: ", at: 0) || line.has("[parameters: ", at: 0)) && line.ends(with: "]")
        case UInt8(ascii: "("): line.has("(Background on this error at: ", at: 0)
        case UInt8(ascii: "H"):
            line.has("HTTP response ", at: 0) || line.has("HINT:  ", at: 0)
                || line.has("Hint: If you want to see", at: 0)
        case UInt8(ascii: "R"):
            line.has("Reason: ", at: 0) || line.has("Refer to the documentation on how to ", at: 0)
        case UInt8(ascii: "O"): line.has("Original error was: ", at: 0)
        // LangChain, Lark.
        case UInt8(ascii: "F"):
            line.has("For troubleshooting, visit: ", at: 0) || line.has("Fields with bad pandas dtypes: ", at: 0)
        // LightGBM.
        case UInt8(ascii: "Y"): line.has("You can set ``predict_disable_shape_check=", at: 0)
        case UInt8(ascii: "P"): line.has("Previous tokens: ", at: 0)
        case UInt8(ascii: "L"): isPlaceInStatement(line)
        case UInt8(ascii: "D"): line.has("DETAIL:  ", at: 0)
        case UInt8(ascii: "Q"): line.has("QUERY:  ", at: 0)
        case UInt8(ascii: "C"):
            line.has("CONTEXT:  ", at: 0) || line.has("Cuda failure ", at: 0)
                // DuckDB.
                || line.has("Candidate bindings: ", at: 0)
        case UInt8(ascii: "T"): line.has("The full traceback above ", at: 0)
        case UInt8(ascii: "S"): line.has("Set TORCH", at: 0)
        case UInt8(ascii: "n"): line.has("nccl", at: 0) && line.index(of: "Error: ", from: 4) != nil
        default: line.has("', please check the stack trace above", at: 0)
        }
    }

    /// `LINE 1: SELECT number FROM account`
    static let placeInStatement = LinePattern.shape("a place in a statement", ByteSet(of: "L"), needs: .colon) { line in
        isPlaceInStatement(line)
    }

    private static func isPlaceInStatement(_ line: borrowing LineView) -> Bool {
        line.has("LINE ", at: 0) && line.has(": ", at: line.endOfDigits(from: 5))
    }

    /// `Feature names unseen at fit time:` of scikit-learn, with `- account` behind it
    static let featureNames = LinePattern.shape(
        "the start of a list", ByteSet(of: "F"), needs: .endsInColon
    ) {
        $0.has("Feature names ", at: 0)
    }

    /// `X does not accept missing values encoded as NaN natively. …` of scikit-learn, and what else models' libraries advise
    static let advice = LinePattern.shape("advice", .letters) { line in
        for start in [
            // scikit-learn
            "Reshape your data ", "array=[",
            // JAX
            "See https://docs.jax.dev/", "See https://jax.readthedocs.io/",
            "The error occurred while tracing the function ",
            // Ray
            "The actor is dead because ", "Memory on the node (IP: ",
            // Protocol Buffers
            "If this call came from a _pb2.py file, ", "If you cannot immediately regenerate your protos, ",
            // Transformers
            "installation page: https://", "Please note that you may need to restart your runtime after installation.",
        ] as [StaticString] where line.has(start, at: 0) { return true }
        return line.index(of: " does not accept missing values encoded as NaN natively.", from: 0) != nil
            || line.index(of: " library but it was not found in your environment.", from: 0) != nil
    }

    /// `Make sure to have access to it at https://huggingface.co/acme/bank.`, `401 Client Error. (Request ID: Root=1-66…)`
    static let lineOfHub = LinePattern.shape("a detail from Hugging Face", ByteSet(of: "ACEIMOPRY0123456789")) { line in
        if isDigit(line.firstByte) {
            return line.has(" Client Error.", at: 3) || line.has(" Server Error.", at: 3)
        }
        for start in [
            "Access to model ", "Access to dataset ", "Cannot access gated repo ", "Check your internet connection ",
            "Checkout your internet connection ", "Entry Not Found for url: ", "Repository Not Found for url: ",
            "Revision Not Found for url: ", "If this is a private repository, ",
            "If you are trying to access a private ", "Invalid username or password.", "Invalid credentials in ",
            "Make sure to have access to it at ",
            "Otherwise, make sure ", "Please make sure you specified the correct ", "Repo model ",
            "You can update Transformers with ",
        ] as [StaticString] where line.has(start, at: 0) { return true }
        return false
    }

    /// `  Input should be a valid integer [type=int_type]`, `  in "config.yaml", line 3, column 8`
    static let indentedLine = LinePattern.shape("a detail", .all, indented: .some) { line in
        guard !line.isRecord else { return false }
        switch line.firstByte {
        case UInt8(ascii: "("): return line.marks.contains(.endsInRoundBracket)
        case UInt8(ascii: "F"): return line.has("For further information visit https://", at: line.indent)
        case UInt8(ascii: "i"):
            if line.has("in \"", at: line.indent), line.index(of: "\", line ", from: line.indent) != nil { return true }
        case UInt8(ascii: "["): return line.has("[[{{node ", at: line.indent) || line.has("[Op:", at: line.indent)
        default: break
        }
        // ` rank=0`, a field of the record that the Rust around it wrote.
        if line.indent == 1, line.marks.contains(.oneWord), line.index(of: UInt8(ascii: "="), from: 2) != nil {
            return true
        }
        if line.index(of: " [type=", from: line.indent) != nil { return true }
        return line.ends(with: ")") && line.index(of: "(type=", from: line.indent) != nil
    }

    /// `Key:       sum-17`, `Function:  add`: what Dask says of a task that failed
    static let startOfTask = LinePattern.shape("a task of Dask", ByteSet(of: "KF"), needs: .colon) { line in
        line.has("Key:       ", at: 0) || line.has("Function:  ", at: 0)
    }

    static let lineOfTask = LinePattern.shape("a task of Dask", ByteSet(of: "SFTakE"), needs: .colon) { line in
        for name in ["State:  ", "Function:  ", "Task:  ", "args:  ", "kwargs:  ", "Exception: ", "Traceback: "]
            as [StaticString]
        where line.has(name, at: 0) {
            return true
        }
        return false
    }

    static let request = LinePattern.shape("what failed", ByteSet(of: "E")) { line in
        line.has("Exception occurred during processing of request from ", at: 0)
            || line.has("Exception happened during processing of request from ", at: 0)
    }

    /// `    class_name: Replica`, the first of what Ray knows of an actor that died
    static let actor = LinePattern.starts("class_name: ", indented: .some)

    /// `  in "<unicode string>", line 2, column 8:` of YAML, with the line and a caret behind it
    static let placeBeforeSource = LinePattern.shape(
        "a place", ByteSet(of: "i"), indented: .some, needs: .endsInColon
    ) { line in
        line.has("in \"", at: line.indent) && line.index(of: "\", line ", from: line.indent) != nil
    }

    /// `⇥size mismatch for weight: …`, which PyTorch and gRPC write
    static let tabbedLine = LinePattern.shape("a detail behind a tab", .all, indented: .some) { line in
        line.bytes[0] == 0x09 && !line.isRecord && !line.has("at ", at: line.indent)
    }

    /// `    ^~~~`
    static let carets = LinePattern.shape("a caret", ByteSet(of: "^~"), indented: .some) { isCarets($0) }

    static let caretsAtMargin = LinePattern.shape("a caret", ByteSet(of: "^~")) { isCarets($0) }

    private static func isCarets(_ line: borrowing LineView) -> Bool {
        for index in line.indent..<line.count where line.bytes[index] != UInt8(ascii: "^") {
            guard line.bytes[index] == UInt8(ascii: "~") else { return false }
        }
        return true
    }

    /// `1       0x7f3c1a2b4d5e tensorrt_llm::executor::Executor::Impl::pay(int) + 82`
    static let frameOfTensorRT = LinePattern.shape("a frame of TensorRT", .digits) { line in
        var index = line.endOfDigits(from: 0)
        guard index <= 3, line.has("  ", at: index) else { return false }
        while line.has(" ", at: index) { index += 1 }
        return line.has("0x", at: index)
    }

    /// Lines with blanks in front follow.
    static let announcement = LinePattern.shape("a detail of several lines", ByteSet(of: "FODSfY"), needs: .endsInColon)
    {
        line in
        guard line.ends(with: ":") else { return false }
        return line.has("Failed validating ", at: 0) || line.has("On instance", at: 0)
            || line.has("Detected at node ", at: 0) || line.has("from user code:", at: 0)
            || line.has("You can suppress this exception and fall back to eager ", at: 0)
            || (line.has("Stacktrace:", at: 0) && line.count == 11)
    }

    /// `Expected one of: `, `Call log:`: a line that ends in a colon, with a list behind it
    static let startOfList = LinePattern.shape("the start of a list", .letters, needs: .colon) { line in
        let end = line.bytes.endOfText(before: line.count)
        guard line.bytes[end - 1] == UInt8(ascii: ":"), !line.isRecord else { return false }
        // What announces a traceback belongs to that.
        for start in ["Traceback ", "Exception ", "Process ", "Error in "] as [StaticString]
        where line.has(start, at: 0) {
            return false
        }
        return ExceptionText.endOfName(in: line.bytes, from: 0) == nil
    }

    /// `⇥* NUMBER`, `  - navigating to "http://localhost"`
    static let itemOfList = LinePattern.shape("an item of a list", ByteSet(of: "*-"), indented: .some) { line in
        isBlank(line.secondByte)
    }

    /// `[SQL: SELECT number`, with more lines behind it.
    static let openStatement = LinePattern.shape("a statement", ByteSet(of: "[")) { line in
        line.has("[SQL: ", at: 0) && !line.ends(with: "]")
    }

    static let endOfStatement = LinePattern.shape("the end of a statement", .all, indented: .any) { line in
        line.ends(with: "]") && !line.isRecord
    }

    /// `>` of gRPC, `}`, `)`
    static let close = LinePattern.shape("a closing bracket", ByteSet(of: ">]})")) { line in
        line.count <= 2
    }

    /// `3 fits failed with the following error:`
    static let fitsFailed = LinePattern.shape("failures of scikit-learn", .digits, needs: .endsInColon) {
        $0.ends(with: " fits failed with the following error:")
    }

    /// `============`
    static let ruler = LinePattern.shape("a ruler", ByteSet(of: "=")) { line in
        line.count >= 40 && line.isRuler(of: UInt8(ascii: "="))
    }

    /// `  /models/bank/1/model.py(42): execute`
    static let place = LinePattern.shape(
        "a place in Python", .letters.union(ByteSet(of: "/<._")), indented: .some, needs: [.roundBracket, .colon]
    ) { line in
        guard let end = line.index(of: "): ", from: line.indent) else { return false }
        return isDigit(line.bytes[end - 1])
    }
}
