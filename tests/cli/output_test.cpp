#include "cli/output.h"

#include "tests/support/temporary_directory.h"

#include <gtest/gtest.h>
#include <sys/stat.h>

namespace signet::cli {
namespace {

namespace fs = std::filesystem;

std::size_t files_in(const fs::path& folder) {
    return static_cast<std::size_t>(std::distance(fs::directory_iterator(folder), fs::directory_iterator()));
}

TEST(Output, IsAFileForItsOwnerAlone) {
    const test::TemporaryDirectory folder;
    ASSERT_TRUE(write_output(folder / "mail", "content"));
    EXPECT_EQ(test::read_file(folder / "mail"), "content");
    EXPECT_EQ(fs::status(folder / "mail").permissions(), fs::perms(0600));
    EXPECT_EQ(files_in(folder.path()), 1U);
}

TEST(Output, ReplacesWhatWasThereAsAWhole) {
    const test::TemporaryDirectory folder;
    test::write_file(folder / "mail", "a longer text that was there before");
    ASSERT_TRUE(write_output(folder / "mail", "new"));
    EXPECT_EQ(test::read_file(folder / "mail"), "new");
}

TEST(Output, FollowsASymbolicLinkAndKeepsIt) {
    const test::TemporaryDirectory folder;
    test::write_file(folder / "target", "old");
    fs::create_symlink("target", folder / "link");
    ASSERT_TRUE(write_output(folder / "link", "new"));
    EXPECT_TRUE(fs::is_symlink(folder / "link"));
    EXPECT_EQ(test::read_file(folder / "target"), "new");
}

TEST(Output, NamesTheFolderThatIsNotThere) {
    const test::TemporaryDirectory folder;
    const auto result = write_output(folder / "no/mail", "content");
    ASSERT_FALSE(result);
    EXPECT_EQ(result.error().code, ErrorCode::input_output);
    EXPECT_NE(result.error().detail.find("no/mail"), std::string::npos);
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
}

}  // namespace
}  // namespace signet::cli
