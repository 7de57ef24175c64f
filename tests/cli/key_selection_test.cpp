#include "cli/key_selection.h"

#include "tests/cli/inventories.h"

#include <gmock/gmock.h>

#include <cctype>

namespace signet::cli {
namespace {

using test::CertificateUsage;
using test::Identity;
using test::make_inventory;
using test::make_token;
using testing::HasSubstr;
using testing::Not;

class KeySelection : public testing::Test {
  protected:
    Identity identity(const std::string& email, CertificateUsage usage = CertificateUsage::sign_and_encrypt,
                      int first_day = -1, int last_day = 30) {
        return m_authority.issue_identity("P-256", {.subject = "Someone",
                                                    .email = email,
                                                    .usage = usage,
                                                    .first_day = first_day,
                                                    .last_day = last_day});
    }
    // The same key with a certificate of other dates.
    Identity renewed(const Identity& old, int first_day, int last_day) {
        const auto email = old.certificate.emails().front();
        return {m_authority.issue(
                    old.key.get(),
                    {.subject = "Someone", .email = email, .first_day = first_day, .last_day = last_day}),
                old.key};
    }
    static Result<KeyEntry> choose(const ipc::Inventory& inventory, const std::string& selector,
                                   Purpose purpose = Purpose::sign) {
        SIGNET_TRY(const auto parsed, KeySelector::parse(selector));
        return choose_key(key_entries(inventory), parsed, purpose, test::now());
    }
    static std::string key_id(const Identity& identity) {
        return x509::key_identifier(identity.certificate.public_key_info());
    }

    test::TestAuthority m_authority;
    Identity m_alice = identity("alice@example.org");
    Identity m_bob = identity("bob@example.org");
    ipc::Inventory m_inventory = make_inventory({make_token("Work", {m_alice, m_bob})});
};

TEST_F(KeySelection, FindsAKeyByAddressInWhateverCase) {
    const auto entry = choose(m_inventory, "Alice@EXAMPLE.org");
    ASSERT_TRUE(entry) << entry.error().detail;
    EXPECT_EQ(entry->key->id, key_id(m_alice));
    EXPECT_EQ(entry->certificate->fingerprint(), m_alice.certificate.fingerprint());
}

TEST_F(KeySelection, FindsAKeyBySubject) {
    const auto carol =
        m_authority.issue_identity("P-256", test::LeafOptions{.subject = "Carol", .email = "c@example.org"});
    const auto inventory = make_inventory({make_token("Work", {m_alice, carol})});
    for (const char* subject : {"CN=Carol", "/CN=Carol", "cn=carol"}) {
        const auto entry = choose(inventory, subject);
        ASSERT_TRUE(entry) << entry.error().detail;
        EXPECT_EQ(entry->key->id, key_id(carol)) << subject;
    }
    EXPECT_EQ(choose(inventory, "CN=Car").error().code, ErrorCode::not_found);
    EXPECT_EQ(choose(inventory, "O=Carol").error().code, ErrorCode::not_found);
}

TEST_F(KeySelection, FindsAKeyByAnAddressWithAName) {
    const auto entry = choose(m_inventory, "Bob Example <bob@example.org>");
    ASSERT_TRUE(entry) << entry.error().detail;
    EXPECT_EQ(entry->key->id, key_id(m_bob));
}

TEST_F(KeySelection, FindsAKeyByTheFingerprintOfItsCertificate) {
    const auto entry = choose(m_inventory, m_bob.certificate.fingerprint().substr(0, 8));
    ASSERT_TRUE(entry) << entry.error().detail;
    EXPECT_EQ(entry->key->id, key_id(m_bob));
}

TEST_F(KeySelection, FindsAKeyByItsIdentifierWithColonsAndCapitals) {
    std::string selector;
    const std::string id = key_id(m_alice);
    for (std::size_t i = 0; i < id.size(); i += 2) {
        selector += (i == 0 ? "" : ":");
        selector += static_cast<char>(std::toupper(id[i]));
        selector += static_cast<char>(std::toupper(id[i + 1]));
    }
    const auto entry = choose(m_inventory, selector);
    ASSERT_TRUE(entry) << entry.error().detail;
    EXPECT_EQ(entry->key->id, id);
}

TEST_F(KeySelection, RefusesASelectorOfFewerThanEightDigits) {
    EXPECT_EQ(choose(m_inventory, key_id(m_alice).substr(0, 7)).error().code, ErrorCode::invalid_parameter);
    EXPECT_EQ(choose(m_inventory, "alice").error().code, ErrorCode::invalid_parameter);
    EXPECT_EQ(choose(m_inventory, "").error().code, ErrorCode::invalid_parameter);
}

TEST_F(KeySelection, SaysForWhomThereIsNoKey) {
    const auto entry = choose(m_inventory, "carol@example.org");
    ASSERT_FALSE(entry);
    EXPECT_EQ(entry.error().code, ErrorCode::not_found);
    EXPECT_THAT(entry.error().detail, HasSubstr("carol@example.org"));
}

TEST_F(KeySelection, ListsTheCandidatesOfAnAmbiguousChoice) {
    const auto second = identity("alice@example.org");
    const auto inventory = make_inventory({make_token("Work", {m_alice}), make_token("Home", {second})});
    const auto entry = choose(inventory, "alice@example.org");
    ASSERT_FALSE(entry);
    EXPECT_EQ(entry.error().code, ErrorCode::ambiguous);
    EXPECT_THAT(entry.error().detail, HasSubstr(m_alice.certificate.fingerprint().substr(0, 16)));
    EXPECT_THAT(entry.error().detail, HasSubstr(second.certificate.fingerprint().substr(0, 16)));
    EXPECT_THAT(entry.error().detail, HasSubstr("token Home"));
}

TEST_F(KeySelection, TakesTheNewestCertificateOfOneKey) {
    const auto newer = renewed(m_alice, 0, 60);
    ipc::Token token = make_token("Work", {m_alice});
    token.certificates.push_back(test::certificate_of(newer));
    const auto entry = choose(make_inventory({token}), "alice@example.org");
    ASSERT_TRUE(entry) << entry.error().detail;
    EXPECT_EQ(entry->certificate->fingerprint(), newer.certificate.fingerprint());
}

TEST_F(KeySelection, TreatsTheSameKeyOnTwoTokensAsOneAndPrefersTheUnlocked) {
    auto unlocked = make_token("Second", {m_alice});
    unlocked.unlocked = true;
    const auto inventory = make_inventory({make_token("First", {m_alice}), unlocked});
    const auto entry = choose(inventory, "alice@example.org");
    ASSERT_TRUE(entry) << entry.error().detail;
    EXPECT_EQ(entry->token->label, "Second");
}

TEST_F(KeySelection, JoinsAKeyWithItsCertificateOnAnotherToken) {
    auto with_key = make_token("Key");
    with_key.keys.push_back(test::key_of(m_alice));
    auto with_certificate = make_token("Certificate");
    with_certificate.certificates.push_back(test::certificate_of(m_alice));
    const auto inventory = make_inventory({with_certificate, with_key});
    const auto entry = choose(inventory, "alice@example.org");
    ASSERT_TRUE(entry) << entry.error().detail;
    EXPECT_EQ(entry->token->label, "Key");
}

TEST_F(KeySelection, SaysThatACertificateHasExpiredOrIsNotValidYet) {
    const auto expired = identity("alice@example.org", CertificateUsage::sign_and_encrypt, -30, -2);
    const auto future = identity("alice@example.org", CertificateUsage::sign_and_encrypt, 2, 30);
    const auto entry = choose(make_inventory({make_token("Work", {expired, future})}), "alice@example.org");
    ASSERT_FALSE(entry);
    EXPECT_EQ(entry.error().code, ErrorCode::not_found);
    EXPECT_THAT(entry.error().detail, HasSubstr("expired on " + expired.certificate.not_after()));
    EXPECT_THAT(entry.error().detail, HasSubstr("not valid before " + future.certificate.not_before()));
}

TEST_F(KeySelection, ChoosesByUsage) {
    const auto signer = identity("alice@example.org", CertificateUsage::sign);
    const auto reader = identity("alice@example.org", CertificateUsage::encrypt);
    const auto inventory = make_inventory({make_token("Work", {signer, reader})});
    EXPECT_EQ(choose(inventory, "alice@example.org", Purpose::sign)->key->id, key_id(signer));
    EXPECT_EQ(choose(inventory, "alice@example.org", Purpose::encrypt)->key->id, key_id(reader));
}

TEST_F(KeySelection, NeedsAKeyThatCanDoIt) {
    auto inventory = m_inventory;
    inventory.tokens->front().keys.front().signature_schemes.clear();
    inventory.tokens->front().keys.front().derive = false;
    EXPECT_THAT(choose(inventory, "alice@example.org", Purpose::sign).error().detail,
                HasSubstr("the key cannot sign"));
    EXPECT_THAT(choose(inventory, "alice@example.org", Purpose::decrypt).error().detail,
                HasSubstr("the key cannot decrypt"));
}

TEST_F(KeySelection, DecryptsWithAnExpiredCertificateOfAnyUsage) {
    const auto old = identity("alice@example.org", CertificateUsage::sign, -30, -2);
    const auto inventory = make_inventory({make_token("Work", {old})});
    EXPECT_TRUE(choose(inventory, "alice@example.org", Purpose::decrypt));
}

TEST_F(KeySelection, ListsAKeyWithoutCertificateAndNeverChoosesIt) {
    auto token = make_token("Work");
    token.keys.push_back(test::key_of(m_alice));
    const auto inventory = make_inventory({token});
    const auto entries = key_entries(inventory);
    ASSERT_EQ(entries.size(), 1U);
    EXPECT_FALSE(entries.front().certificate);
    const auto entry = choose(inventory, key_id(m_alice));
    ASSERT_FALSE(entry);
    EXPECT_THAT(entry.error().detail, HasSubstr("no certificate belongs to it"));
}

TEST_F(KeySelection, IgnoresACertificateThatCannotBeParsed) {
    auto token = make_token("Work", {m_alice});
    auto broken = test::certificate_of(m_alice);
    broken.der.pop_back();
    token.certificates.push_back(std::move(broken));
    EXPECT_EQ(key_entries(make_inventory({token})).size(), 1U);
}

class KeyByUri : public KeySelection {
  protected:
    KeyByUri() {
        ipc::Token token = make_token("My Card");
        token.keys = {test::key_of(m_alice, "sign key", {0x01, 0xa0}), test::key_of(m_bob, "other", {0x02})};
        token.certificates = {test::certificate_of(m_alice, "cert", {0x01, 0xa0}),
                              test::certificate_of(m_bob, "cert", {0x02})};
        m_inventory = make_inventory({token});
    }
    bool finds_alice(const std::string& uri) {
        const auto entry = choose(m_inventory, uri);
        return entry && entry->key->id == key_id(m_alice);
    }
};

TEST_F(KeyByUri, MatchesEveryAttribute) {
    EXPECT_TRUE(finds_alice("pkcs11:object=sign%20key"));
    EXPECT_TRUE(finds_alice("pkcs11:id=%01%A0"));
    EXPECT_TRUE(finds_alice("pkcs11:id=%01%A0;type=private"));
    EXPECT_TRUE(finds_alice("pkcs11:id=%01%A0;type=cert"));
    EXPECT_TRUE(finds_alice(
        "pkcs11:token=My%20Card;serial=serial-My%20Card;manufacturer=Maker;model=Model;id=%01%A0"));
}

TEST_F(KeyByUri, DoesNotMatchWhenOneAttributeDiffers) {
    EXPECT_FALSE(finds_alice("pkcs11:token=Other;id=%01%A0"));
    EXPECT_FALSE(finds_alice("pkcs11:serial=0;id=%01%A0"));
    EXPECT_FALSE(finds_alice("pkcs11:manufacturer=0;id=%01%A0"));
    EXPECT_FALSE(finds_alice("pkcs11:model=0;id=%01%A0"));
    EXPECT_FALSE(finds_alice("pkcs11:id=%01"));
    EXPECT_FALSE(finds_alice("pkcs11:object=sign%20key;id=%02"));
    EXPECT_FALSE(finds_alice("pkcs11:object=sign%20key;type=cert"));
}

TEST_F(KeyByUri, DoesNotMatchWithAnAttributeThatIsNotKnown) {
    EXPECT_FALSE(finds_alice("pkcs11:id=%01%A0;x-colour=red"));
    EXPECT_FALSE(finds_alice("pkcs11:id=%01%A0;slot-id=1"));
    EXPECT_FALSE(finds_alice("pkcs11:id=%01%A0;type=data"));
}

TEST_F(KeyByUri, RefusesAPinAndDoesNotRepeatIt) {
    for (const std::string uri : {"pkcs11:token=My%20Card?pin-value=4711", "pkcs11:;;?pin-value=4711"}) {
        const auto entry = choose(m_inventory, uri);
        ASSERT_FALSE(entry);
        EXPECT_EQ(entry.error().code, ErrorCode::invalid_parameter);
        EXPECT_THAT(entry.error().detail, Not(HasSubstr("4711")));
    }
}

TEST_F(KeyByUri, RefusesWhatIsNoUri) {
    EXPECT_EQ(choose(m_inventory, "pkcs11:id=%zz").error().code, ErrorCode::invalid_parameter);
}

TEST_F(KeyByUri, IsAmbiguousWhenItNamesTheWholeToken) {
    EXPECT_EQ(choose(m_inventory, "pkcs11:token=My%20Card").error().code, ErrorCode::ambiguous);
}

}  // namespace
}  // namespace signet::cli
