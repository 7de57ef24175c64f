#include "tests/clients/gnupg_window_test.h"

#include "base/bytes.h"
#include "tests/support/requirements.h"

namespace signet::test {
namespace {

// Debian's, since the bindings are for that one.
constexpr const char* bindings = "/usr/lib/python3/dist-packages/gi";
constexpr const char* accessibility = "/usr/share/dbus-1/services/org.a11y.Bus.service";

}  // namespace

void GnupgWindowTest::SetUp() {
    SIGNET_REQUIRE_PROGRAM("Xvfb");
    SIGNET_REQUIRE_PROGRAM("dbus-daemon");
    SIGNET_REQUIRE_PROGRAM("import");
    SIGNET_REQUIRE_PROGRAM("xprop");
    SIGNET_REQUIRE(std::filesystem::exists(accessibility), "at-spi2-core");
    SIGNET_REQUIRE(std::filesystem::exists(bindings), "python3-gi");
    SetUpGpgsm::SetUp();
    set_up("gpgsm");
    in_home({"gpgconf", "--kill", "all"});
    gpgsm({"--learn-card"});
    ASSERT_TRUE(agent().lock());
    agent().answer_prompts({SoftHsm::pin});
}

// With a modulus whose highest bit is clear: gpg-agent 2.2 puts an octet before signatures of the card that
// have that bit set, and others than gpgsm refuse those.
void GnupgWindowTest::add_rsa_identity() {
    const auto identity = place().authority().issue_identity(
        "rsa:2047", LeafOptions{.subject = "rsa", .email = "rsa@example.test"});
    KeyImporter(agent().softhsm(), Workplace::token).import(identity.key.get(), "rsa");
    const Bytes der = identity.certificate.der();
    agent().softhsm().write_certificate(Workplace::token, std::string(as_text(der)), "0001", "rsa");
    place().write("rsa.pem", to_pem(identity.certificate));
}

std::string GnupgWindowTest::drive(const std::string& program, const std::vector<std::string>& arguments) {
    const auto command = joined({SIGNET_SOURCE_DIR "/tests/clients/" + program + "/drive", "--folder",
                                 place().path(""), "--pictures", SIGNET_BUILD_DIR "/tests/" + program},
                                arguments);
    // The driver itself gives up before, and says what it sees.
    constexpr std::chrono::seconds patience(110);
    EXPECT_EQ(BackgroundProcess(command, variables(), place().path("report")).wait(patience), 0)
        << place().read("report") << agent().log();
    return place().read("report");
}

}  // namespace signet::test
