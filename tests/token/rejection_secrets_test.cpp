#include "token/rejection_secrets.h"

#include "tests/support/temporary_directory.h"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include <thread>
#include <vector>

namespace signet::test {
namespace {

const std::string key_id(64, 'a');

TEST(RejectionSecrets, StayTheSameOnceMade) {
    const TemporaryDirectory directory;
    const Secret first = token::RejectionSecrets(directory / "state").of_key(key_id).value();
    const Secret again = token::RejectionSecrets(directory / "state").of_key(key_id).value();
    const Secret other = token::RejectionSecrets(directory / "state").of_key(std::string(64, 'b')).value();
    EXPECT_EQ(first.size(), 32U);
    EXPECT_TRUE(equal_constant_time(first.expose(), again.expose()));
    EXPECT_FALSE(equal_constant_time(first.expose(), other.expose()));
}

TEST(RejectionSecrets, AreOneForAllThatComeAtTheSameTime) {
    const TemporaryDirectory directory;
    const token::RejectionSecrets secrets(directory / "state");
    std::vector<Secret> made(8);
    std::vector<std::thread> threads;
    for (Secret& each : made) {
        threads.emplace_back([&secrets, &each] { each = secrets.of_key(key_id).value(); });
    }
    for (std::thread& thread : threads) {
        thread.join();
    }
    for (const Secret& each : made) {
        EXPECT_TRUE(equal_constant_time(each.expose(), made[0].expose()));
    }
    const auto folder = std::filesystem::directory_iterator(directory / "state" / "rejection");
    EXPECT_EQ(std::distance(begin(folder), end(folder)), 1) << "no temporary file stays";
}

TEST(RejectionSecrets, OfADamagedFileAreRefused) {
    const TemporaryDirectory directory;
    const token::RejectionSecrets secrets(directory / "state");
    ASSERT_TRUE(secrets.of_key(key_id));
    write_file(directory / "state" / "rejection" / key_id, "short");
    EXPECT_EQ(secrets.of_key(key_id).error().code, ErrorCode::configuration);
}

TEST(RejectionSecrets, AreNotPutIntoAFolderThatIsOpenToOthers) {
    const TemporaryDirectory directory;
    std::filesystem::create_directory(directory / "state");
    chmod((directory / "state").c_str(), 0755);
    EXPECT_EQ(token::RejectionSecrets(directory / "state").of_key(key_id).error().code,
              ErrorCode::not_allowed);
}

}  // namespace
}  // namespace signet::test
