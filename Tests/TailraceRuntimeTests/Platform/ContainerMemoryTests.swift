import TailraceRuntime
import Testing

@Suite struct ContainerMemoryTests {
    @Test func `the smallest limit of a group and those above it counts`() throws {
        let folder = try Folder()
        try folder.write("proc/self/cgroup", "0::/pods/pod1/app\n")
        try folder.write("sys/fs/cgroup/pods/memory.max", "67108864\n")
        try folder.write("sys/fs/cgroup/pods/pod1/memory.max", "max\n")
        try folder.write("sys/fs/cgroup/pods/pod1/app/memory.max", "134217728\n")
        #expect(ContainerMemory.limit(root: folder.path) == 64 << 20)
    }

    @Test func `a container that can't see its path has its limit at the top`() throws {
        let folder = try Folder()
        try folder.write("proc/self/cgroup", "0::/../../kubepods/pod1\n")
        try folder.write("sys/fs/cgroup/memory.max", "33554432\n")
        #expect(ContainerMemory.limit(root: folder.path) == 32 << 20)
    }

    @Test func `the first version is known, with its number for no limit`() throws {
        let folder = try Folder()
        try folder.write("proc/self/cgroup", "11:cpu,cpuacct:/docker/a\n9:memory:/docker/a\n1:name=systemd:/docker/a\n")
        let file = "sys/fs/cgroup/memory/docker/a/memory.limit_in_bytes"
        try folder.write(file, "9223372036854771712\n")
        #expect(ContainerMemory.limit(root: folder.path) == nil)
        try folder.write(file, "25165824\n")
        #expect(ContainerMemory.limit(root: folder.path) == 24 << 20)
    }

    @Test(arguments: ["", "nonsense\n", "0::\n", "0::/a\n"])
    func `without groups there is no limit`(_ groups: String) throws {
        let folder = try Folder()
        try folder.write("proc/self/cgroup", groups)
        try folder.write("sys/fs/cgroup/a/memory.max", "a lot\n")
        #expect(ContainerMemory.limit(root: folder.path) == nil)
        #expect(ContainerMemory.limit(root: "/nowhere") == nil)
    }

    @Test func `a container that is too small is told what it needs`() throws {
        let folder = try Folder()
        try folder.write("proc/self/cgroup", "0::/\n")
        let needed = 16 << 20 + ContainerMemory.overhead
        try folder.write("sys/fs/cgroup/memory.max", "\(needed)\n")
        #expect(ContainerMemory.warning(memoryLimit: 16 << 20, root: folder.path) == nil)
        try folder.write("sys/fs/cgroup/memory.max", "\(needed - 1)\n")
        let warning = try #require(ContainerMemory.warning(memoryLimit: 16 << 20, root: folder.path))
        #expect(warning.contains("should be 56 MiB or more, or set TAILRACE_MEMORY_LIMIT to 15MiB"))
        try folder.write("sys/fs/cgroup/memory.max", "8388608\n")
        let hopeless = try #require(ContainerMemory.warning(memoryLimit: 16 << 20, root: folder.path))
        #expect(hopeless.hasSuffix("should be 56 MiB or more."))
    }
}
