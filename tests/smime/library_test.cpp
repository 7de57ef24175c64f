// What libsignet-smime says of calls that are wrong.
#include "smime/public/signet/smime.h"
#include "tests/smime/ber_writer.h"
#include "tests/smime/mails.h"

#include <gmock/gmock.h>

namespace signet::mail {
namespace {

using ::testing::HasSubstr;

class Library : public ::testing::Test {
  protected:
    SignOptions signature() {
        return {.certificate = m_alice.certificate.get(), .private_key = m_alice.key.get(), .chain = {}};
    }
    EncryptOptions encryption() { return {.recipients = {m_alice.certificate.get()}}; }
    void expect_refused(const Status& status, std::string_view detail) {
        EXPECT_EQ(status.code, Code::invalid_parameter);
        EXPECT_EQ(status.detail, detail);
        EXPECT_EQ(m_out.text(), "");
    }

    signet::test::TestAuthority m_authority;
    signet::test::Identity m_alice = m_authority.issue_identity("P-256", "alice@example.test");
    const std::string m_text = smime::test::plain_mail();
    const TextInput m_mail{m_text};
    TextOutput m_out;
};

TEST_F(Library, RefusesADigestThatItDoesNotKnow) {
    SignOptions options = signature();
    options.digest = static_cast<Digest>(77);
    expect_refused(sign(m_mail, m_out, options), "an unknown digest");
    expect_refused(sign_content(m_mail, m_out, options), "an unknown digest");
    expect_refused(sign_and_encrypt(m_mail, m_out, options, encryption()), "an unknown digest");
}

TEST_F(Library, RefusesACipherThatItDoesNotKnow) {
    EncryptOptions options = encryption();
    options.cipher = static_cast<Cipher>(9);
    expect_refused(encrypt(m_mail, m_out, options), "an unknown cipher");
    expect_refused(encrypt_content(m_mail, m_out, options), "an unknown cipher");
    expect_refused(sign_and_encrypt(m_mail, m_out, signature(), options), "an unknown cipher");
}

TEST_F(Library, RefusesNoMessages) {
    expect_refused(sign_and_encrypt(m_mail, std::vector<Message>(), signature()), "no messages");
    expect_refused(triple_wrap(m_mail, {}, signature(), signature()), "no messages");
}

TEST_F(Library, RefusesACertificateThatIsNull) {
    SignOptions with_null = signature();
    with_null.chain = {nullptr};
    expect_refused(sign(m_mail, m_out, with_null), "a null certificate");
    EncryptOptions to_nobody = encryption();
    to_nobody.recipients.push_back(nullptr);
    expect_refused(encrypt(m_mail, m_out, to_nobody), "a null certificate");
    expect_refused(certs_only({m_alice.certificate.get(), nullptr}, "", m_out), "a null certificate");
    expect_refused(certs_only_content({nullptr}, m_out), "a null certificate");
    Verification verification;
    expect_refused(verify(m_mail, {.trust_anchors = {nullptr}, .intermediates = {}}, verification),
                   "a null certificate");
    Report report;
    expect_refused(read(m_mail, {.trust = {.trust_anchors = {}, .intermediates = {nullptr}}}, report),
                   "a null certificate");
}

// Says that it is longer than it is.
class ShortInput final : public Input {
  public:
    explicit ShortInput(std::string_view text) : m_text(text) {}
    [[nodiscard]] std::uint64_t size() const override { return m_text.size() + 100; }
    Status read(std::uint64_t offset, char* buffer, std::size_t capacity, std::size_t& count) const override {
        return TextInput(m_text).read(offset, buffer, capacity, count);
    }

  private:
    std::string_view m_text;
};

TEST_F(Library, FailsWhereAnInputEndsBeforeItsSize) {
    for (const std::string_view text : {std::string_view(m_text), std::string_view("")}) {
        const ShortInput input(text);
        Verification verification;
        Report report;
        EXPECT_EQ(sign(input, m_out, signature()).code, Code::input_output);
        EXPECT_EQ(encrypt(input, m_out, encryption()).code, Code::input_output);
        EXPECT_EQ(decrypt(input, m_out, {}).code, Code::input_output);
        EXPECT_EQ(verify(input, {}, verification).code, Code::input_output);
        EXPECT_EQ(read(input, {}, report).code, Code::input_output);
    }
}

TEST_F(Library, LeavesStandardErrorToTheProgramWhereAModuleCannotBeLoaded) {
    const std::string no_module = "libz.so.1";
    for (const std::string& path : {std::string("/nonexistent.so"), no_module}) {
        std::unique_ptr<Tokens> tokens;
        ::testing::internal::CaptureStderr();
        const Status status = Tokens::open(path, tokens);
        EXPECT_EQ(::testing::internal::GetCapturedStderr(), "");
        EXPECT_EQ(status.code, Code::input_output);
        EXPECT_EQ(status.native_code, 0);
        EXPECT_THAT(status.detail, HasSubstr(path + ": "));
    }
}

TEST_F(Library, KeepsNumbersOfOpensslToItself) {
    using namespace smime::test;
    // Well-formed, but not what RFC 5652 defines.
    const std::string octets =
        element(sequence, identifier("1.2.840.113549.1.7.2") +
                              element(context_0, element(sequence, "\x02\x01\x01" + element(sequence, ""))));
    Verification verification;
    const Status status = verify_content(TextInput(octets), nullptr, {}, verification);
    EXPECT_EQ(status.code, Code::malformed);
    EXPECT_THAT(status.detail, HasSubstr("asn1"));
    EXPECT_EQ(status.native_code, 0);
}

}  // namespace
}  // namespace signet::mail
