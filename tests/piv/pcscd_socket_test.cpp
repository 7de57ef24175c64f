#include "piv/pcscd_socket.h"

#include "tests/support/temporary_directory.h"

#include <gtest/gtest.h>

#include <cstdlib>
#include <future>

namespace signet::piv {
namespace {

using signet::test::TemporaryDirectory;
using signet::test::write_file;

bool ends_soon(std::future<Result<void>>& waiting) {
    return waiting.wait_for(std::chrono::seconds(10)) == std::future_status::ready && waiting.get();
}

std::future<Result<void>> wait_in_thread(PcscdSocketWatch& watch) {
    return std::async(std::launch::async, [&watch] { return watch.wait(); });
}

TEST(PcscdSocket, IsNoticedWhenItIsMade) {
    const TemporaryDirectory folder;
    auto watch = PcscdSocketWatch::begin(folder / "pcscd.comm");
    ASSERT_TRUE(watch);
    auto waiting = wait_in_thread(*watch);
    EXPECT_EQ(waiting.wait_for(std::chrono::milliseconds(20)), std::future_status::timeout);
    write_file(folder / "pcscd.comm", "");
    EXPECT_TRUE(ends_soon(waiting));
}

TEST(PcscdSocket, IsNoticedWhenItWasMadeBeforeTheWait) {
    const TemporaryDirectory folder;
    auto watch = PcscdSocketWatch::begin(folder / "pcscd.comm");
    ASSERT_TRUE(watch);
    write_file(folder / "pcscd.comm", "");
    auto waiting = wait_in_thread(*watch);
    EXPECT_TRUE(ends_soon(waiting));
}

TEST(PcscdSocket, ItsFolderMayComeFirst) {
    const TemporaryDirectory folder;
    const auto socket = folder / "run/pcscd/pcscd.comm";
    auto watch = PcscdSocketWatch::begin(socket);
    ASSERT_TRUE(watch);
    std::filesystem::create_directories(socket.parent_path());
    auto waiting = wait_in_thread(*watch);
    EXPECT_TRUE(ends_soon(waiting));
    watch = PcscdSocketWatch::begin(socket);
    ASSERT_TRUE(watch);
    write_file(socket, "");
    auto again = wait_in_thread(*watch);
    EXPECT_TRUE(ends_soon(again));
}

TEST(PcscdSocket, IsWhereLibpcscliteLooks) {
    setenv("PCSCLITE_CSOCK_NAME", "/somewhere/else", 1);
    EXPECT_EQ(PcscdSocketWatch::socket_path(), "/somewhere/else");
    unsetenv("PCSCLITE_CSOCK_NAME");
    EXPECT_EQ(PcscdSocketWatch::socket_path(), "/run/pcscd/pcscd.comm");
}

}  // namespace
}  // namespace signet::piv
