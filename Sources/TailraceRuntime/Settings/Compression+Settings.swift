import TailraceCore

extension Compression {
    init(reading reader: inout SettingReader) {
        let name = reader.value(
            "COMPRESSOR", .choice(["auto"] + GzipEngine.allCases.map(\.rawValue)), default: "auto",
            "Library that makes gzip: zlib is in every build, ISA-L and libdeflate are faster and in the image; `auto` is the fastest that is built in."
        )
        let level = reader.value(
            "COMPRESSION_LEVEL", .count(0...9), default: "1", "Of gzip; 0 sends bodies as they are.")
        var engine = GzipEngine(rawValue: name) ?? .best(forLevel: level)
        if !engine.isBuiltIn {
            reader.report(
                "COMPRESSOR", "is \(name), which this program was built without",
                remedy: "Set it to auto, use the container image, or build with --traits ISAL,Libdeflate.")
            engine = .zlib
        }
        self.init(level: level, engine: engine)
    }
}
