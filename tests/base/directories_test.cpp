#include "base/directories.h"

#include "tests/support/temporary_directory.h"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include <cstdlib>

namespace signet {
namespace {

TEST(AgentSocketPath, IsTheVariablesValueFirst) {
    setenv("SIGNET_SOCKET", "/somewhere/socket", 1);
    EXPECT_EQ(agent_socket_path().value(), "/somewhere/socket");
}

TEST(AgentSocketPath, MeansNoAgentWhenTheVariableIsEmpty) {
    setenv("SIGNET_SOCKET", "", 1);
    EXPECT_EQ(agent_socket_path().error().code, ErrorCode::agent_unavailable);
}

TEST(AgentSocketPath, LiesInTheRuntimeDirectory) {
    unsetenv("SIGNET_SOCKET");
    setenv("XDG_RUNTIME_DIR", "/run/user/7", 1);
    EXPECT_EQ(agent_socket_path().value(), "/run/user/7/signet/agent.sock");
}

TEST(StateDirectory, IgnoresARelativeVariable) {
    setenv("XDG_STATE_HOME", "relative", 1);
    setenv("HOME", "/home/alice", 1);
    EXPECT_EQ(state_directory().value(), "/home/alice/.local/state/signet");
}

TEST(PrivateDirectory, IsMadeWithItsParentsAndClosedToOthers) {
    const test::TemporaryDirectory folder;
    const auto path = folder / "a/b/c";
    ASSERT_TRUE(make_private_directory(path));
    struct stat info {};
    ASSERT_EQ(stat(path.c_str(), &info), 0);
    EXPECT_EQ(info.st_mode & 0777, 0700U);
    EXPECT_TRUE(make_private_directory(path)) << "a second time";
}

TEST(PrivateDirectory, RefusesOneThatOthersMayRead) {
    const test::TemporaryDirectory folder;
    const auto path = folder / "open";
    ASSERT_EQ(mkdir(path.c_str(), 0700), 0);
    ASSERT_EQ(chmod(path.c_str(), 0755), 0);
    EXPECT_EQ(make_private_directory(path).error().code, ErrorCode::not_allowed);
}

TEST(PrivateDirectory, RefusesASymbolicLink) {
    const test::TemporaryDirectory folder;
    ASSERT_TRUE(make_private_directory(folder / "real"));
    std::filesystem::create_directory_symlink(folder / "real", folder / "link");
    EXPECT_EQ(make_private_directory(folder / "link").error().code, ErrorCode::not_allowed);
}

}  // namespace
}  // namespace signet
