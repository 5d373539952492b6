import TailraceCore
import Testing

@Suite struct PathMetadataTests {
    private static let id = String(repeating: "0123456789abcdef", count: 4)

    @Test(arguments: [
        "/var/log/pods/web_shop-7d_0a1b-2c/app/2.log", "/host/pods/web_shop-7d_0a1b-2c/app/2.log",
        "web_shop-7d_0a1b-2c/app/2.log", "/var/log/pods/web_shop-7d_0a1b-2c/app/2.log.20261123-121315",
        "/var/log/pods/web_shop-7d_0a1b-2c/app/2.log.20261123-121315.gz",
    ])
    func `a pod's log folder says all but the container's id`(path: String) {
        let metadata = PathMetadata(path: path)
        #expect(metadata.namespace == "web")
        #expect(metadata.podName == "shop-7d")
        #expect(metadata.podUID == "0a1b-2c")
        #expect(metadata.containerName == "app")
        #expect(metadata.containerID == nil)
        #expect(metadata.restartCount == 2)
    }

    @Test(arguments: ["/var/log/containers", "/mnt"])
    func `a container's link says its id`(folder: String) {
        let metadata = PathMetadata(path: "\(folder)/shop.7d_web_my-app-\(Self.id).log")
        #expect(metadata.namespace == "web")
        #expect(metadata.podName == "shop.7d")
        #expect(metadata.podUID == nil)
        #expect(metadata.containerName == "my-app")
        #expect(metadata.containerID == Self.id)
        #expect(metadata.restartCount == nil)
    }

    @Test(arguments: ["", ".1", ".2.gz"])
    func `a Docker file says the container's id`(suffix: String) {
        let metadata = PathMetadata(path: "/var/lib/docker/containers/\(Self.id)/\(Self.id)-json.log\(suffix)")
        #expect(metadata.containerID == Self.id)
        #expect(metadata.fields.map(\.name) == ["container.id"])
    }

    @Test(arguments: [
        "", "/", "/var/log/app.log", "/var/log/app/0.log", "/logs/a_b/app/0.log", "/logs/a_b_c/app/x.log",
        "/logs/A_b_c/app/0.log", "/logs/a__c/app/0.log", "/logs/a_b_c/app/-1.log", "/logs/pod_ns_app-0123.log",
        "/containers/abc/abc-json.log", "/logs/a_b_c/app/0.txt",
    ])
    func `any other path says nothing`(path: String) {
        #expect(PathMetadata(path: path).fields.isEmpty)
    }
}
