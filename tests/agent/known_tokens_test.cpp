#include "agent/known_tokens.h"

#include "tests/support/temporary_directory.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace signet::agent {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;

class KnownTokensTest : public testing::Test {
  protected:
    KnownTokens load() { return KnownTokens::load(m_folder / "known-tokens"); }
    std::vector<std::string> absent(const std::set<std::string>& present = {}) {
        std::vector<std::string> ids;
        for (const ipc::Token& token : load().except(present)) {
            ids.push_back(token.id);
        }
        return ids;
    }

    // With a key that signs and one that decrypts, each with a certificate.
    static ipc::Token token(const std::string& id) {
        ipc::Key signing{.id = "signs", .signature_schemes = {SignatureScheme::rsa_pkcs1}};
        ipc::Key decrypting{.id = "decrypts", .decryption_schemes = {DecryptionScheme::rsa_pkcs1}};
        return {.id = id,
                .label = "token " + id,
                .manufacturer = {},
                .model = {},
                .serial = {},
                .keys = {signing, decrypting},
                .certificates = {certificate_of("signs"), certificate_of("decrypts")},
                .module = {},
                .slot = 3,
                .unlocked = true};
    }
    static ipc::Certificate certificate_of(const std::string& key) {
        return {.der = Bytes(4, 1), .label = {}, .object_id = {}, .key = key};
    }

    test::TemporaryDirectory m_folder;
};

TEST_F(KnownTokensTest, AreRememberedAcrossRestarts) {
    load().remember({token("a"), token("b")});
    EXPECT_THAT(absent(), ElementsAre("a", "b"));
    EXPECT_THAT(absent({"a"}), ElementsAre("b"));
}

TEST_F(KnownTokensTest, AreKeptWithThatOfTheirKeysWhichDecryptsAndWithoutTheirState) {
    load().remember({token("a")});
    const auto known = load().except({});
    ASSERT_THAT(known, SizeIs(1));
    ASSERT_THAT(known[0].keys, SizeIs(1));
    EXPECT_EQ(known[0].keys[0].id, "decrypts");
    ASSERT_THAT(known[0].certificates, SizeIs(1));
    EXPECT_EQ(known[0].certificates[0].key, "decrypts");
    EXPECT_EQ(known[0].label, "token a");
    EXPECT_FALSE(known[0].unlocked);
    EXPECT_EQ(known[0].slot, std::nullopt);
}

TEST_F(KnownTokensTest, AreForgottenWhenTheyHoldNoSuchKeyAnyMore) {
    auto known = load();
    known.remember({token("a")});
    auto emptied = token("a");
    emptied.keys.clear();
    known.remember({emptied});
    EXPECT_THAT(absent(), IsEmpty());
}

TEST_F(KnownTokensTest, AreThoseThatCameLast) {
    auto known = load();
    for (std::size_t i = 0; i <= known_token_count; ++i) {
        known.remember({token("t" + std::to_string(i))});
    }
    EXPECT_THAT(absent(), SizeIs(known_token_count));
    EXPECT_EQ(absent().front(), "t1");
    EXPECT_EQ(absent().back(), "t" + std::to_string(known_token_count));
}

TEST_F(KnownTokensTest, FitIntoOneReply) {
    auto large = token("a");
    large.certificates[1].der = Bytes(1 << 20, 1);
    auto known = load();
    for (const char* id : {"a", "b", "c", "d"}) {
        large.id = id;
        known.remember({large});
    }
    EXPECT_THAT(absent(), ElementsAre("c", "d"));
}

TEST_F(KnownTokensTest, AreNoneInAFileThatMakesNoSense) {
    for (const auto* text : {"", "{", "{}", "[]", R"({"parameters":{"tokens":[{"id":1}]}})",
                             R"({"parameters":{"tokens":"x"}})"}) {
        test::write_file(m_folder / "known-tokens", text);
        EXPECT_THAT(absent(), IsEmpty()) << text;
    }
}

}  // namespace
}  // namespace signet::agent
