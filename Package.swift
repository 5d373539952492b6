// swift-tools-version: 6.2
import PackageDescription

// The direction of the targets, and what each boundary makes impossible:
//
//   tailrace ─▶ TailraceHTTP ─▶ TailraceRuntime ─▶ TailraceCore ─▶ CZlib, CChecksum, CScan, CPCRE2
//   simulate ─▶ TailraceSimulation ─▶ TailraceRuntime
//   microbench ─▶ TailraceCore
//   fuzz ─▶ TailraceFuzzing ─▶ TailraceRuntime
//
//   TailraceCore      decides. No clock, file, socket, task or Foundation can be reached from it.
//   TailraceRuntime   does the I/O of files and tasks. It links no network library, so neither does the simulation.
//   TailraceHTTP      is the only place that knows NIO and TLS.
let settings: [SwiftSetting] = [
    .swiftLanguageMode(.v6),
    .treatAllWarnings(as: .error),
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("MemberImportVisibility"),
    .enableUpcomingFeature("InternalImportsByDefault"),
    // `Span`s that are handed out of an owned buffer need a stated lifetime.
    .enableExperimentalFeature("Lifetimes"),
    // A section for each function, so that the linker can put them in order.
    .unsafeFlags(["-Xfrontend", "-function-sections"], .when(configuration: .release)),
]

let package = Package(
    name: "tailrace",
    products: [.executable(name: "tailrace", targets: ["tailrace"])],
    // Faster gzip, for whoever has the libraries: `swift build --traits ISAL,Libdeflate`. Without a trait, zlib does.
    traits: [
        .trait(name: "ISAL", description: "Compress with ISA-L (Debian: libisal-dev)."),
        .trait(name: "Libdeflate", description: "Compress with libdeflate (Debian: libdeflate-dev)."),
    ],
    dependencies: [
        // HTTP/1.1 client and admin server. AsyncHTTPClient would cost 8 MiB more in every Pod, Foundation 13.
        .package(url: "https://github.com/apple/swift-nio", from: "2.101.2"),
        // TLS for NIO: BoringSSL, the system's CA bundle, client certificates.
        .package(url: "https://github.com/apple/swift-nio-ssl", from: "2.37.6"),
        // The logging front-end of the Swift server ecosystem; our handler writes to standard error.
        .package(url: "https://github.com/apple/swift-log", from: "1.16.2"),
    ],
    targets: [
        // gzip. zlib is everywhere, and its output is what every endpoint has been tested with.
        .systemLibrary(name: "CZlib", pkgConfig: "zlib", providers: [.apt(["zlib1g-dev"])]),
        // Five times as fast as zlib at a better ratio, and compression is most of what Tailrace costs.
        .systemLibrary(name: "CISAL", pkgConfig: "libisal", providers: [.apt(["libisal-dev"])]),
        // Half as fast again as zlib where there is no ISA-L, and smaller bodies.
        .systemLibrary(name: "CDeflate", pkgConfig: "libdeflate", providers: [.apt(["libdeflate-dev"])]),
        // Users' own patterns for lines that belong together. Its limits on steps and memory are what keeps a bad pattern
        // from hanging the process; ICU and Swift's Regex have none.
        .systemLibrary(name: "CPCRE2", pkgConfig: "libpcre2-8", providers: [.apt(["libpcre2-dev"])]),
        // gzip's checksum by what the processor has for it, which Swift can't say.
        .target(name: "CChecksum", dependencies: ["CZlib"]),
        // Looking through a text 32 bytes at a time, where the processor can; Swift is built for those that can't.
        .target(name: "CScan"),
        // statx(2), which the Glibc module does not show.
        .target(name: "CLinux"),
        .target(
            name: "TailraceCore",
            dependencies: [
                "CZlib", "CChecksum", "CScan", "CPCRE2",
                .target(name: "CISAL", condition: .when(traits: ["ISAL"])),
                .target(name: "CDeflate", condition: .when(traits: ["Libdeflate"])),
            ],
            swiftSettings: settings),
        .target(
            name: "TailraceRuntime",
            dependencies: ["TailraceCore", "CLinux", .product(name: "Logging", package: "swift-log")],
            swiftSettings: settings),
        .target(
            name: "TailraceHTTP",
            dependencies: [
                "TailraceRuntime", "TailraceCore",
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOPosix", package: "swift-nio"),
                .product(name: "NIOHTTP1", package: "swift-nio"),
                .product(name: "NIOTLS", package: "swift-nio"),
                .product(name: "NIOSSL", package: "swift-nio-ssl"),
                .product(name: "Logging", package: "swift-log"),
            ],
            swiftSettings: settings),
        .executableTarget(
            name: "tailrace",
            dependencies: [
                "TailraceHTTP", "TailraceRuntime", "TailraceCore", .product(name: "Logging", package: "swift-log"),
            ],
            exclude: ["functions.order"],
            swiftSettings: settings,
            linkerSettings: [
                // What runs side by side, which halves what of the program is in memory: see Benchmarks/order.py. Names
                // for others to link to would keep what nobody calls, and be looked up at each start.
                .unsafeFlags(
                    [
                        "-use-ld=lld", "-Xlinker", "--no-export-dynamic", "-Xlinker", "--no-warn-symbol-ordering",
                        "-Xlinker",
                        "--symbol-ordering-file=\(Context.packageDirectory)/Sources/tailrace/functions.order",
                    ], .when(configuration: .release))
            ]),
        .target(
            name: "TailraceSimulation",
            dependencies: ["TailraceRuntime", "TailraceCore", .product(name: "Logging", package: "swift-log")],
            swiftSettings: settings),
        .executableTarget(name: "simulate", dependencies: ["TailraceSimulation"], swiftSettings: settings),
        // What each step of a line costs. In this package, since a step is nothing that others can call.
        .executableTarget(name: "microbench", dependencies: ["TailraceCore"], swiftSettings: settings),
        // Damaged inputs for everything that reads bytes of others.
        .target(
            name: "TailraceFuzzing", dependencies: ["TailraceRuntime", "TailraceCore", "CZlib"], swiftSettings: settings
        ),
        .executableTarget(name: "fuzz", dependencies: ["TailraceFuzzing"], swiftSettings: settings),
        .testTarget(
            name: "TailraceCoreTests", dependencies: ["TailraceCore"], resources: [.copy("Fixtures")],
            swiftSettings: settings),
        .testTarget(
            name: "TailraceRuntimeTests",
            dependencies: ["TailraceRuntime", "TailraceCore", .product(name: "Logging", package: "swift-log")],
            swiftSettings: settings),
        .testTarget(
            name: "TailraceHTTPTests",
            dependencies: [
                "TailraceHTTP", "TailraceRuntime", "TailraceCore",
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOPosix", package: "swift-nio"),
                .product(name: "NIOHTTP1", package: "swift-nio"),
                .product(name: "NIOSSL", package: "swift-nio-ssl"),
                .product(name: "Logging", package: "swift-log"),
            ],
            exclude: ["Authentication/sigv4_peer.py"],
            swiftSettings: settings),
        .testTarget(
            name: "SimulationTests", dependencies: ["TailraceSimulation", "TailraceRuntime", "TailraceCore"],
            swiftSettings: settings),
        .testTarget(name: "FuzzingTests", dependencies: ["TailraceFuzzing"], swiftSettings: settings),
        .testTarget(name: "EndToEndTests", dependencies: ["tailrace"], swiftSettings: settings),
    ]
)
