// Parts that nobody signed, in a place where we see none and some other program does: mutt, Python and others
// disagree about what ends a line and what the boundary is.
#include "tests/smime/reading.h"

namespace signet::smime {
namespace {

using namespace std::string_literals;
using test::Findings;

class HiddenParts : public test::ReadingTest {
  protected:
    // What Alice signed, with another value for "; boundary=b" and boundary lines to go with it.
    std::string with_boundary(const std::string& parameter, const std::string& line) const {
        std::string mail = m_mail;
        mail.replace(mail.find("; boundary=b"), 12, "; boundary=" + parameter);
        for (std::size_t at = mail.find("\n--b"); at != std::string::npos; at = mail.find("\n--b", at + 1)) {
            mail.replace(at, 4, "\n" + line);
        }
        return mail;
    }
    std::string with_preamble(const std::string& preamble) const {
        return std::string(m_mail).insert(m_mail.find("--b"), preamble);
    }
    std::string behind_signature(const std::string& text) const {
        return std::string(m_mail).insert(m_mail.rfind("--b--"), text);
    }
    std::string verdict(const std::string& mail) const {
        return test::verdict(mail, test::trusting(m_authority));
    }
    void expect_ambiguous(const std::string& mail) const {
        EXPECT_EQ(verdict(mail), "malformed") << mail;
        EXPECT_EQ(findings(mail), Findings{"malformed_signature 1"}) << mail;
    }
    void expect_good(const std::string& mail) const {
        EXPECT_EQ(verdict(mail), "good") << mail;
        EXPECT_EQ(findings(mail), Findings{}) << mail;
    }

    const std::string m_mail =
        "From: alice@example.test\r\n" + signed_payload("Content-Type: text/plain\r\n\r\nCome at noon.\r\n");
};

TEST_F(HiddenParts, InThePreambleAreNoticed) {
    const std::string part = "Content-Type: text/plain\r\n\r\nPay Mallory.\r\n";
    for (const std::string& line :
         {"--c\r\n"s, "--b\f\r\n"s, "--b\v\r\n"s, "--b\0\r\n"s, "--\r\n"s, "x\f--b\f\r\n"s, "x\v--b\r\n"s,
          "x\r--b\r"s, "x\0--b\r\n"s, "x\x1d--b\r\n"s, "text\n--(c)b\r\n"s}) {
        expect_ambiguous(with_preamble(line + part));
    }
    expect_ambiguous(with_preamble("two\rlines\r\n"));
    expect_ambiguous(with_preamble("a line\r\r\n"));
    expect_ambiguous(with_preamble("a\0line\r\n"s));
    expect_ambiguous(with_preamble(std::string((std::size_t{256} << 10) - 1, 'x') + "\f--b\r\n"));
}

TEST_F(HiddenParts, AreNotSeenInWhatPreamblesSay) {
    expect_good(
        with_preamble("This is a signed message - in two parts --\r\n -- no boundary\r\n-\r\n- -\r\n"));
    expect_good(with_preamble("\r\n\r\n"));
    expect_good(with_preamble(std::string(std::size_t{600} << 10, '-').insert(0, "x") + "\r\n"));
}

TEST_F(HiddenParts, InTheSignaturePartAreNoticed) {
    for (const std::string& line : {"\r--b\r"s, "\f--b\r\n"s, "--c\r\n"s, "\0--b\r\n"s}) {
        const std::string part = line + "Content-Type: text/plain\r\n\r\nPay Mallory.\r\n";
        const std::string mail = behind_signature(part);
        EXPECT_NE(verdict(mail), "good") << mail;
        EXPECT_FALSE(claims(mail).good) << mail;
    }
}

TEST_F(HiddenParts, BehindABoundaryThatProgramsReadDifferentlyAreNoticed) {
    expect_ambiguous(with_boundary("(c)b", "--b"));
    expect_ambiguous(with_boundary("b (c)", "--b (c)"));
    expect_ambiguous(with_boundary("\"b \"", "--b "));
    expect_ambiguous(with_boundary("\"b\\b\"", "--bb"));
    expect_ambiguous(with_boundary("\"=?us-ascii?q?b?=\"", "--b"));
    expect_ambiguous(with_boundary("=?us-ascii?q?b?=", "--b"));
    expect_ambiguous(with_boundary("\"b;b\"", "--b;b"));
    expect_ambiguous(std::string(m_mail).replace(m_mail.find("boundary=b"), 10, "boundary*0=b"));
    expect_ambiguous(std::string(m_mail).replace(m_mail.find("boundary=b"), 10, "boundary*=us-ascii''b"));
    expect_ambiguous(std::string(m_mail).replace(m_mail.find("boundary=b"), 10, "boundary(c)=b"));
}

TEST_F(HiddenParts, AreNotSeenBehindBoundariesThatProgramsAgreeOn) {
    expect_good(with_boundary("\"b\"", "--b"));
    expect_good(with_boundary("\"----=_Next Part(1)/b'+,:.?\"", "------=_Next Part(1)/b'+,:.?"));
    expect_good(with_boundary("{b}~1", "--{b}~1"));
    expect_good(with_boundary("----=_1/2:3", "------=_1/2:3"));
    // Not plain: an empty parameter, and blanks around "=".
    expect_good(with_boundary("\"b b\" ; ;", "--b b"));
    expect_good(with_boundary(" b ; x=\"\\y\"", "--b"));
}

}  // namespace
}  // namespace signet::smime
