// git as Debian has it, with signet-gpgsm as its gpg.x509.program.
#include "tests/e2e/workplace.h"
#include "tests/support/requirements.h"
#include "tests/support/timestamp_server.h"
#include "tests/support/timestamps.h"

#include <gmock/gmock.h>

#include <functional>

namespace signet::test {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::Not;

// A repository of somebody with an RSA key to sign, an EC key to sign, and an RSA key to decrypt.
class Git : public testing::Test {
  protected:
    static void SetUpTestSuite() {
        if (!SoftHsm::available() || !have_program("git")) {
            return;
        }
        s_place = std::make_unique<Workplace>();
        s_place->add_identity("rsa:2048", "01", "rsa@example.test", CertificateUsage::sign);
        s_place->add_identity("EC:prime256v1", "02", "ec@example.test", CertificateUsage::sign);
        s_place->agent().softhsm().generate_key(Workplace::token, "rsa:2048", "03", "decrypt");
        s_place->add_certificate(
            "03",
            {.subject = "rsa-encrypt", .email = "rsa@example.test", .usage = CertificateUsage::encrypt});
        s_place->start();
    }
    static void TearDownTestSuite() { s_place.reset(); }

    void SetUp() override {
        SIGNET_REQUIRE_PROGRAM("git");
        SIGNET_REQUIRE(SoftHsm::available(), "softhsm2 and opensc");
        git({"init", "-q"});
        trust_root();
    }
    // Each test has a repository and a home of its own.
    ProcessResult try_git(std::vector<std::string> arguments, const std::string& input = {}) {
        arguments.insert(arguments.begin(),
                         {"git", "-C", m_home.path() / "repository", "-c", "gpg.format=x509", "-c",
                          "gpg.x509.program=" + program("signet-gpgsm")});
        return s_place->run(arguments, input,
                            {{"HOME", m_home.path()},
                             {"XDG_CONFIG_HOME", m_home.path()},
                             {"GIT_CONFIG_NOSYSTEM", "1"},
                             {"GIT_AUTHOR_NAME", "Rita"},
                             {"GIT_AUTHOR_EMAIL", "rsa@example.test"},
                             {"GIT_COMMITTER_NAME", "Rita"},
                             {"GIT_COMMITTER_EMAIL", m_committer}});
    }
    std::string git(const std::vector<std::string>& arguments, const std::string& input = {}) {
        const auto result = try_git(arguments, input);
        EXPECT_EQ(result.exit_status, 0) << arguments[0] << ": " << result.output << result.error_output;
        return result.output + result.error_output;
    }
    void commit(const std::vector<std::string>& further = {"-S"}) {
        std::vector<std::string> arguments{"commit", "-q", "--allow-empty", "-m", "A change"};
        arguments.insert(arguments.end(), further.begin(), further.end());
        git(arguments);
    }
    // The letters that `git log` gives the newest commit.
    std::string verdict() { return git({"log", "-1", "--format=%G?"}).substr(0, 1); }
    // A commit as another program signs it, with an identity in files, and what `change` makes of that.
    std::string commit_signed_by(
        const std::string& identity,
        const std::function<std::string(std::string)>& change = [](auto cms) { return cms; }) {
        commit({});
        const std::string text = git({"cat-file", "commit", "HEAD"});
        const auto signature =
            s_place->run({"openssl", "cms", "-sign", "-binary", "-md", "sha256", "-outform", "DER", "-signer",
                          identity + ".pem", "-inkey", identity + ".key"},
                         text);
        EXPECT_EQ(signature.exit_status, 0) << signature.error_output;
        std::string field = "gpgsig -----BEGIN SIGNED MESSAGE-----\n" +
                            to_base64(as_bytes(change(signature.output))) + "\n-----END SIGNED MESSAGE-----";
        for (auto at = field.find('\n'); at != std::string::npos; at = field.find('\n', at + 2)) {
            field.insert(at + 1, " ");
        }
        std::string whole = text;
        whole.insert(text.find("\n\n") + 1, field + "\n");
        std::string name = git({"hash-object", "-t", "commit", "-w", "--stdin"}, whole);
        name.pop_back();
        return name;
    }
    // As git calls it, which keeps to itself what the program says when it fails.
    ProcessResult sign_as(const std::string& key) {
        return s_place->run({program("signet-gpgsm"), "--status-fd=2", "-bsau", key}, "text",
                            {{"XDG_CONFIG_HOME", m_home.path()}});
    }
    void settings(const std::string& text) {
        std::filesystem::create_directories(m_home / "signet");
        write_file(m_home / "signet" / "gpgsm.toml", text);
    }
    void trust_root(const std::string& further = {}) {
        settings("trusted = [\"" + s_place->path("root.pem") + "\"]\n" + further);
    }

    inline static std::unique_ptr<Workplace> s_place;
    TemporaryDirectory m_home;
    std::string m_committer = "rsa@example.test";

  public:
    Git() { std::filesystem::create_directory(m_home / "repository"); }
};

TEST_F(Git, SignsACommitWithTheKeyOfTheCommitter) {
    commit();
    EXPECT_EQ(verdict(), "G");
    EXPECT_THAT(git({"log", "-1", "--show-signature"}),
                AllOf(HasSubstr("good signature"), HasSubstr("CN=rsa"), HasSubstr("rsa@example.test")));
    EXPECT_EQ(try_git({"verify-commit", "HEAD"}).exit_status, 0);
    EXPECT_THAT(git({"cat-file", "commit", "HEAD"}), HasSubstr("-----BEGIN SIGNED MESSAGE-----"));
}

TEST_F(Git, SignsWithAnEcKey) {
    m_committer = "ec@example.test";
    commit();
    EXPECT_EQ(verdict(), "G");
}

TEST_F(Git, SignsATag) {
    commit({});
    git({"tag", "-s", "-m", "A version", "v1"});
    EXPECT_THAT(git({"verify-tag", "v1"}), HasSubstr("good signature"));
}

TEST_F(Git, TakesEveryWayToNameAKey) {
    const auto certificate = s_place->read("rsa.pem");
    const auto parsed = x509::Certificate::from_pem(certificate);
    ASSERT_TRUE(parsed);
    const std::string sha1 = run_checked({"sh", "-c", "openssl x509 -noout -fingerprint -sha1 | cut -d= -f2"},
                                         {.input = certificate});
    constexpr std::size_t last_eight = 11;  // with three colons
    const std::string gpgsm_id = "0x" + sha1.substr(sha1.size() - last_eight - 1, last_eight);
    for (const std::string& key :
         {std::string("rsa@example.test"), std::string("Rita <rsa@example.test>"), parsed->fingerprint(),
          gpgsm_id, "0x" + parsed->fingerprint().substr(0, 16), sha1.substr(0, sha1.find('\n')),
          std::string("CN=rsa"), std::string("/CN=rsa"),
          std::string("pkcs11:token=tok;object=rsa;type=private")}) {
        commit({"-S" + key});
        EXPECT_EQ(verdict(), "G") << key;
    }
}

TEST_F(Git, SaysWhichKeysItCouldNotTake) {
    const auto result = sign_as("nobody@example.test");
    EXPECT_EQ(result.exit_status, 2);
    EXPECT_THAT(result.error_output,
                AllOf(HasSubstr("no key to sign with for nobody@example.test"),
                      HasSubstr("[GNUPG:] INV_SGNR 1 nobody@example.test\n"), Not(HasSubstr("SIG_CREATED"))));
    EXPECT_EQ(result.output, "");
    EXPECT_NE(try_git({"commit", "--allow-empty", "-m", "x", "-Snobody@example.test"}).exit_status, 0);
}

TEST_F(Git, GivesTheDetailsThatFormatsAskFor) {
    commit();
    const auto fingerprint = x509::Certificate::from_pem(s_place->read("rsa.pem"))->fingerprint();
    std::string capitals = fingerprint;
    std::transform(capitals.begin(), capitals.end(), capitals.begin(), ::toupper);
    EXPECT_EQ(git({"log", "-1", "--format=%GK|%GF|%GS|%GT"}), capitals + "|" + capitals + "|CN=rsa|fully\n");
}

TEST_F(Git, KnowsATamperedCommit) {
    commit();
    std::string text = git({"cat-file", "commit", "HEAD"});
    text.replace(text.find("A change"), 8, "A fraud!");
    std::string name = git({"hash-object", "-t", "commit", "-w", "--stdin"}, text);
    name.pop_back();
    EXPECT_EQ(git({"log", "-1", "--format=%G? %GT", name}), "B never\n");
    const auto result = try_git({"verify-commit", name});
    EXPECT_NE(result.exit_status, 0);
    EXPECT_THAT(result.error_output, HasSubstr("BAD signature"));
}

TEST_F(Git, ReadsASignatureOfAnotherProgram) {
    s_place->add_peer("rsa:2048", "peer@example.test");
    EXPECT_EQ(git({"log", "-1", "--format=%G? %GT", commit_signed_by("peer")}), "G fully\n");
}

TEST_F(Git, KnowsThatACertificateHasExpired) {
    const auto old = s_place->authority().issue_identity(
        "P-256", {.subject = "old", .email = "old@example.test", .first_day = -20, .last_day = -10});
    s_place->write("old.pem", to_pem(old.certificate));
    s_place->write("old.key", to_pem(old.key.get()));
    const auto name = commit_signed_by("old");
    EXPECT_EQ(git({"log", "-1", "--format=%G? %GT", name}), "Y undefined\n");
    EXPECT_NE(try_git({"verify-commit", name}).exit_status, 0);
}

TEST_F(Git, TrustsNoCertificateThatIsNotMeantForSigning) {
    const auto server = s_place->authority().issue_identity(
        "P-256", {.subject = "server", .email = {}, .usage = CertificateUsage::no_mail});
    s_place->write("server.pem", to_pem(server.certificate));
    s_place->write("server.key", to_pem(server.key.get()));
    EXPECT_EQ(git({"log", "-1", "--format=%G? %GT", commit_signed_by("server")}), "U never\n");
}

TEST_F(Git, DoesNotTrustAnAuthorityThatNobodyNamed) {
    settings("");
    commit();
    EXPECT_EQ(git({"log", "-1", "--format=%G? %GT"}), "U undefined\n");
    EXPECT_NE(try_git({"verify-commit", "HEAD"}).exit_status, 0);
    EXPECT_NE(try_git({"-c", "gpg.minTrustLevel=marginal", "verify-commit", "HEAD"}).exit_status, 0);
    trust_root();
    EXPECT_EQ(try_git({"-c", "gpg.minTrustLevel=fully", "verify-commit", "HEAD"}).exit_status, 0);
}

TEST_F(Git, CannotCheckWhatIsNoSignature) {
    commit();
    std::string text = git({"cat-file", "commit", "HEAD"});
    const auto begin = text.find("-----BEGIN SIGNED MESSAGE-----\n") + 31;
    text.replace(begin + 1, 8, "AAAAAAAA");
    std::string name = git({"hash-object", "-t", "commit", "-w", "--stdin"}, text);
    name.pop_back();
    EXPECT_EQ(git({"log", "-1", "--format=%G? %GT", name}), "E undefined\n");
}

TEST_F(Git, RefusesSettingsItDoesNotKnow) {
    settings("trustet = []\n");
    const auto result = sign_as("rsa@example.test");
    EXPECT_EQ(result.exit_status, 2);
    EXPECT_THAT(result.error_output, HasSubstr("gpgsm.toml:1: unknown key trustet"));
}

// With a time-stamping authority at hand, which belongs to the root that is trusted.
class GitTimestamps : public Git {
  protected:
    void SetUp() override {
        Git::SetUp();
        stamp_by(m_server.url());
    }
    void stamp_by(const std::string& url) { trust_root("timestamp = \"" + url + "\"\n"); }
    // What is said where no signature comes about.
    std::string refusal() {
        const auto result = sign_as("rsa@example.test");
        EXPECT_EQ(result.exit_status, 2);
        EXPECT_EQ(result.output, "");
        EXPECT_THAT(result.error_output, Not(HasSubstr("SIG_CREATED")));
        return result.error_output;
    }

    Identity m_authority = s_place->authority().issue_identity(
        "P-256", {.subject = "stamps", .email = {}, .usage = CertificateUsage::timestamps, .first_day = -40});
    TimestampServer m_server{m_authority};
};

TEST_F(GitTimestamps, AreShownWithTheSignature) {
    commit();
    EXPECT_EQ(m_server.requests(), 1);
    EXPECT_EQ(verdict(), "G");
    EXPECT_THAT(git({"log", "-1", "--show-signature"}),
                AllOf(HasSubstr("good signature"), HasSubstr("there at, by its timestamp: 20"),
                      HasSubstr("timestamp of: CN=stamps")));
    git({"tag", "-s", "-m", "A version", "v1"});
    EXPECT_THAT(git({"verify-tag", "v1"}), HasSubstr("by its timestamp: 20"));
}

TEST_F(GitTimestamps, AreNoReasonToAskAnybodyWhenASignatureIsChecked) {
    commit();
    m_server.stop();
    EXPECT_EQ(verdict(), "G");
}

TEST_F(GitTimestamps, KeepASignatureGoodWhenItsCertificateHasEnded) {
    const auto old = s_place->authority().issue_identity(
        "P-256", {.subject = "old", .email = "old@example.test", .first_day = -20, .last_day = -10});
    s_place->write("old.pem", to_pem(old.certificate));
    s_place->write("old.key", to_pem(old.key.get()));
    EXPECT_EQ(git({"log", "-1", "--format=%G? %GT", commit_signed_by("old")}), "Y undefined\n");
    const auto stamped_days_ago = [this](int days) {
        return [this, days](const std::string& cms) {
            constexpr std::time_t day = 86400;
            const TokenContent content{.signature = signature_value(cms),
                                       .time = std::time(nullptr) - days * day};
            return with_timestamp(cms, make_timestamp_token(content, m_authority));
        };
    };
    const auto in_time = commit_signed_by("old", stamped_days_ago(15));
    EXPECT_EQ(git({"log", "-1", "--format=%G? %GT", in_time}), "G fully\n");
    EXPECT_EQ(try_git({"verify-commit", in_time}).exit_status, 0);
    const auto too_late = commit_signed_by("old", stamped_days_ago(5));
    EXPECT_EQ(git({"log", "-1", "--format=%G? %GT", too_late}), "Y undefined\n");
}

TEST_F(GitTimestamps, ThatDoNotCountChangeNothing) {
    commit();
    settings("trusted = [\"" + s_place->path("root.pem") + "\"]\ntimestamp_authorities = [\"" +
             s_place->path("rsa.pem") + "\"]\n");
    EXPECT_EQ(verdict(), "G");
    EXPECT_THAT(git({"log", "-1", "--show-signature"}),
                AllOf(HasSubstr("good signature"),
                      HasSubstr("a timestamp that does not count: the authority's certificate")));
}

TEST_F(GitTimestamps, AreAskedForOrThereIsNoSignature) {
    using Mood = TimestampServer::Mood;
    const std::vector<std::pair<Mood, std::string>> moods{
        {Mood::other_question, "the timestamp answers another question"},
        {Mood::other_signature, "the timestamp is for another signature"},
        {Mood::refusing, "the authority refuses"},
        {Mood::garbage, "the answer is none of a time-stamping authority"},
        {Mood::wrong_type, "the answer is not of type application/timestamp-reply"},
        {Mood::failing, "the server answers with status 500"},
        {Mood::redirecting, "which is not followed"},
        {Mood::endless, "the answer is longer than 65536 octets"}};
    for (const auto& [mood, reason] : moods) {
        m_server.be(mood);
        EXPECT_THAT(refusal(),
                    AllOf(HasSubstr("cannot get a timestamp from " + m_server.url()), HasSubstr(reason)));
    }
    m_server.stop();
    EXPECT_THAT(refusal(), HasSubstr("Failed to connect"));
    EXPECT_NE(try_git({"commit", "-S", "--allow-empty", "-m", "x"}).exit_status, 0);
}

TEST_F(GitTimestamps, ComeFromAnAuthorityThatIsTrusted) {
    settings("trusted = []\ntimestamp = \"" + m_server.url() + "\"\n");
    EXPECT_THAT(refusal(), HasSubstr("the authority's certificate: unable to get local issuer certificate"));
}

TEST_F(Git, IsReadByGpgsm) {
    SIGNET_REQUIRE_PROGRAM("gpgsm");
    commit();
    const auto gnupg = m_home / "gnupg";
    std::filesystem::create_directory(gnupg);
    std::filesystem::permissions(gnupg, std::filesystem::perms::owner_all);
    write_file(gnupg / "gpgsm.conf", "disable-crl-checks\ndisable-dirmngr\n");
    const Variables variables{{"GNUPGHOME", gnupg}};
    const auto imported =
        s_place->run({"gpgsm", "--batch", "--import", s_place->path("root.pem")}, {}, variables);
    EXPECT_EQ(imported.exit_status, 0) << imported.error_output;
    // The root is in no trust list, which gpgsm says of a signature that is right.
    const std::string text = git({"cat-file", "commit", "HEAD"});
    const auto begin = text.find("gpgsig ");
    const auto end = text.find("-----END SIGNED MESSAGE-----\n") + 29;
    std::string signature = text.substr(begin + 7, end - begin - 7);
    for (auto at = signature.find("\n "); at != std::string::npos; at = signature.find("\n ", at)) {
        signature.erase(at + 1, 1);
    }
    // The header field goes on with lines that hold one blank.
    std::string content = text;
    content.erase(begin, content.find("\n\n", begin) + 1 - begin);
    write_file(m_home / "signature", signature);
    write_file(m_home / "content", content);
    const auto verified = s_place->run({"gpgsm", "--batch", "--status-fd", "1", "--verify",
                                        m_home.path() / "signature", m_home.path() / "content"},
                                       {}, variables);
    EXPECT_THAT(verified.output, HasSubstr("[GNUPG:] GOODSIG ")) << verified.error_output;
    EXPECT_EQ(s_place->run({"gpgconf", "--kill", "all"}, {}, variables).exit_status, 0);
}

}  // namespace
}  // namespace signet::test
