#include "cli/output.h"

#include "base/file_descriptor.h"
#include "tests/support/temporary_directory.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>

namespace signet::cli {
namespace {

namespace fs = std::filesystem;

std::size_t files_in(const fs::path& folder) {
    return static_cast<std::size_t>(std::distance(fs::directory_iterator(folder), fs::directory_iterator()));
}

// What a process that writes `content` to `path` leaves on its standard output.
std::string written_through(const std::string& path, const fs::path& standard_output) {
    const pid_t child = fork();
    if (child == 0) {
        const int file = ::open(standard_output.c_str(), O_WRONLY | O_CREAT | O_APPEND, 0600);
        dup2(file, STDOUT_FILENO);
        _exit(write_output(path, "content") ? 0 : 1);
    }
    int status = -1;
    waitpid(child, &status, 0);
    EXPECT_EQ(status, 0);
    return test::read_file(standard_output);
}

TEST(Output, IsAFileWithTheModeThatTheUmaskLeaves) {
    const test::TemporaryDirectory folder;
    const mode_t before = umask(027);
    ASSERT_TRUE(write_output(folder / "mail", "content"));
    umask(before);
    EXPECT_EQ(test::read_file(folder / "mail"), "content");
    EXPECT_EQ(fs::status(folder / "mail").permissions(), fs::perms(0640));
    EXPECT_EQ(files_in(folder.path()), 1U);
}

TEST(Output, ReplacesWhatWasThereAsAWholeAndKeepsItsMode) {
    const test::TemporaryDirectory folder;
    test::write_file(folder / "mail", "a longer text that was there before");
    fs::permissions(folder / "mail", fs::perms(0604));
    ASSERT_TRUE(write_output(folder / "mail", "new"));
    EXPECT_EQ(test::read_file(folder / "mail"), "new");
    EXPECT_EQ(fs::status(folder / "mail").permissions(), fs::perms(0604));
}

TEST(Output, IsSeenByNobodyBeforeItIsWhole) {
    const test::TemporaryDirectory folder;
    test::write_file(folder / "mail", "old");
    {
        auto output = Output::open(folder / "mail");
        ASSERT_TRUE(output) << output.error().detail;
        ASSERT_TRUE(output->write("new"));
        EXPECT_EQ(test::read_file(folder / "mail"), "old");
        for (const auto& file : fs::directory_iterator(folder.path())) {
            EXPECT_TRUE(file.path().filename() == "mail" || file.status().permissions() == fs::perms(0600));
        }
    }
    EXPECT_EQ(test::read_file(folder / "mail"), "old");
    EXPECT_EQ(files_in(folder.path()), 1U);
}

TEST(Output, CanBeStartedOver) {
    const test::TemporaryDirectory folder;
    test::write_file(folder / "device", "");
    const FileDescriptor device(open((folder / "device").c_str(), O_WRONLY | O_CLOEXEC));
    const std::string held = "/dev/fd/" + std::to_string(device.get());
    for (const std::string& path : {(folder / "mail").string(), held}) {
        auto output = Output::open(path);
        ASSERT_TRUE(output) << output.error().detail;
        ASSERT_TRUE(output->write("what is wrong"));
        ASSERT_TRUE(output->restart());
        ASSERT_TRUE(output->write("right"));
        ASSERT_TRUE(output->commit());
    }
    EXPECT_EQ(test::read_file(folder / "mail"), "right");
    EXPECT_EQ(test::read_file(folder / "device"), "right");
}

TEST(OutputDeathTest, IsRemovedWhenASignalEndsTheProcess) {
    const test::TemporaryDirectory folder;
    for (const int number : {SIGHUP, SIGINT, SIGQUIT, SIGTERM, SIGXCPU, SIGXFSZ, SIGALRM, SIGUSR1, SIGUSR2,
                             SIGVTALRM, SIGPROF, SIGIO}) {
        EXPECT_EXIT(
            {
                auto output = Output::open(folder / "mail");
                auto another = Output::open(folder / "another");
                if (output && another && output->write("half") && files_in(folder.path()) == 2) {
                    raise(number);
                }
                _exit(1);
            },
            testing::KilledBySignal(number), "");
        EXPECT_EQ(files_in(folder.path()), 0U);
    }
}

TEST(Output, GoesToADescriptorThatIsNamedByAPathAsItIsOpen) {
    const test::TemporaryDirectory folder;
    for (const std::string path : {"-", "/dev/stdout", "/dev/fd/1", "/proc/self/fd/1"}) {
        test::write_file(folder / "file", "before ");
        EXPECT_EQ(written_through(path, folder / "file"), "before content") << path;
    }
}

TEST(Output, FollowsASymbolicLinkAndKeepsIt) {
    const test::TemporaryDirectory folder;
    test::write_file(folder / "target", "old");
    fs::create_symlink("target", folder / "link");
    ASSERT_TRUE(write_output(folder / "link", "new"));
    EXPECT_TRUE(fs::is_symlink(folder / "link"));
    EXPECT_EQ(test::read_file(folder / "target"), "new");
}

TEST(Output, MakesTheFileThatASymbolicLinkPointsTo) {
    const test::TemporaryDirectory folder;
    fs::create_directory(folder / "inside");
    fs::create_symlink("inside/target", folder / "link");
    ASSERT_TRUE(write_output(folder / "link", "new"));
    EXPECT_TRUE(fs::is_symlink(folder / "link"));
    EXPECT_EQ(test::read_file(folder / "inside/target"), "new");
}

TEST(Output, NamesTheFolderThatIsNotThere) {
    const test::TemporaryDirectory folder;
    const auto result = write_output(folder / "no/mail", "content");
    ASSERT_FALSE(result);
    EXPECT_EQ(result.error().code, ErrorCode::input_output);
    EXPECT_NE(result.error().detail.find("no/mail"), std::string::npos);
}

TEST(Output, NamesAnEmptyPath) {
    EXPECT_EQ(write_output("", "content").error().detail, "'': No such file or directory");
}

TEST(Output, LeavesNothingBehindWhenTheTargetCannotBeReplaced) {
    const test::TemporaryDirectory folder;
    fs::create_directory(folder / "mail");
    ASSERT_FALSE(write_output(folder / "mail", "content"));
    EXPECT_EQ(files_in(folder.path()), 1U);
}

TEST(Output, WritesToADeviceInsteadOfReplacingIt) {
    ASSERT_TRUE(write_output("/dev/null", "content"));
    EXPECT_TRUE(fs::is_character_file("/dev/null"));
    const auto full = write_output("/dev/full", "content");
    ASSERT_FALSE(full);
    EXPECT_EQ(full.error().native_code, ENOSPC);
    EXPECT_EQ(full.error().detail, "/dev/full: No space left on device");
}

}  // namespace
}  // namespace signet::cli
