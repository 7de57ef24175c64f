#include "cli/sendmail/arguments.h"
#include "cli/sendmail/envelope.h"
#include "cli/sendmail/settings.h"
#include "cli/sendmail/submission.h"
#include "cli/sendmail/transport.h"

#include <gmock/gmock.h>
#include <pwd.h>
#include <sysexits.h>
#include <unistd.h>

#include <csignal>

namespace signet::sendmail {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::StartsWith;

Result<Arguments> parse(const std::vector<std::string>& arguments) {
    return parse_arguments(arguments);
}

TEST(SendmailArguments, TakeWhatMailProgramsGive) {
    const auto arguments =
        parse({"-oi", "-oem", "-fbounces@example.org", "-F", "Alice", "-t", "bob@example.org"});
    ASSERT_TRUE(arguments) << arguments.error().detail;
    EXPECT_EQ(arguments->sender, "bounces@example.org");
    EXPECT_EQ(arguments->full_name, "Alice");
    EXPECT_TRUE(arguments->recipients_from_header);
    EXPECT_THAT(arguments->recipients, ElementsAre("bob@example.org"));
}

TEST(SendmailArguments, TakeLettersBehindOneDash) {
    for (const std::vector<std::string>& given :
         std::vector<std::vector<std::string>>{{"-tif", "a@example.org", "bob"},
                                               {"-itfa@example.org", "bob"},
                                               {"-timoi", "-ra@example.org", "bob"}}) {
        const auto arguments = parse(given);
        ASSERT_TRUE(arguments) << arguments.error().detail;
        EXPECT_TRUE(arguments->recipients_from_header);
        EXPECT_EQ(arguments->sender, "a@example.org");
        EXPECT_THAT(arguments->recipients, ElementsAre("bob"));
    }
    const auto arguments = parse({"-ivN", "never", "-iF", "Alice", "-o", "em", "-b", "m"});
    ASSERT_TRUE(arguments) << arguments.error().detail;
    EXPECT_THAT(arguments->passed_on, ElementsAre("-v", "-N", "never"));
    EXPECT_EQ(arguments->full_name, "Alice");
    EXPECT_FALSE(arguments->recipients_from_header);
}

TEST(SendmailArguments, PassOnWhatIsForTheTransport) {
    const auto arguments = parse({"-v", "-N", "failure,delay", "-Rhdrs", "--", "bob@example.org"});
    ASSERT_TRUE(arguments) << arguments.error().detail;
    EXPECT_THAT(arguments->passed_on, ElementsAre("-v", "-N", "failure,delay", "-R", "hdrs"));
}

TEST(SendmailArguments, LeaveOutWhatIsForSendmailItself) {
    const auto arguments = parse({"-G", "-oeq", "-O", "DeliveryMode=b", "-Lcron", "-B8BITMIME", "bob"});
    ASSERT_TRUE(arguments) << arguments.error().detail;
    EXPECT_TRUE(arguments->passed_on.empty());
    EXPECT_THAT(arguments->recipients, ElementsAre("bob"));
}

// As cron gives what MAILTO says.
TEST(SendmailArguments, TakeAListForARecipient) {
    const auto arguments = parse({"bob@example.org,root", " Carol (C) <carol@example.org> ,",
                                  "Both: a@example.org, \"D, E\" <d@example.org>;", "host!eve"});
    ASSERT_TRUE(arguments) << arguments.error().detail;
    EXPECT_THAT(arguments->recipients, ElementsAre("bob@example.org", "root", "carol@example.org",
                                                   "a@example.org", "d@example.org", "host!eve"));
}

TEST(SendmailArguments, RefuseAListOfWhichARecipientWouldBeLost) {
    for (const char* list : {"bob@example.org; carol@example.org", "Bob Smith, carol@example.org",
                             "bob@example.org, <>", "bob@example.org (B, carol@example.org",
                             "\"B\" bob@example.org, carol@example.org", ",", "\"", "<-oQ/tmp>"}) {
        const auto arguments = parse({list});
        ASSERT_FALSE(arguments) << list;
        EXPECT_EQ(exit_status_of(arguments.error()), EX_USAGE);
    }
}

TEST(SendmailArguments, RefuseOtherModesAndWhatIsNotKnown) {
    for (const std::vector<std::string>& given : std::vector<std::vector<std::string>>{{"-bs"},
                                                                                       {"-bp"},
                                                                                       {"-q30m"},
                                                                                       {"-X", "log"},
                                                                                       {"-f"},
                                                                                       {"-tif"},
                                                                                       {"-tibs"},
                                                                                       {"-tq"},
                                                                                       {"-tx"},
                                                                                       {"-ov"},
                                                                                       {"-oimem"},
                                                                                       {"-"},
                                                                                       {"--", "-x"},
                                                                                       {"a\nb@example.org"},
                                                                                       {""}}) {
        const auto arguments = parse(given);
        ASSERT_FALSE(arguments) << given[0];
        EXPECT_EQ(exit_status_of(arguments.error()), EX_USAGE);
    }
}

TEST(SendmailArguments, SayWhatOtherModesLack) {
    for (const char* mode : {"-bs", "-bp", "-bi", "-q", "-q30m", "-qf"}) {
        EXPECT_EQ(parse({mode}).error().detail,
                  std::string(mode) + ": only a mail from standard input is taken");
    }
}

Result<Envelope> envelope(const std::string& mail, const std::vector<std::string>& arguments) {
    SIGNET_TRY(const auto parsed, parse(arguments));
    return envelope_of(smime::TextSource(mail), parsed);
}

TEST(SendmailEnvelope, HidesWhomToAndCcDoNotName) {
    const auto result = envelope(
        "From: a@example.org\nTo: b@example.org\nCc: C <c@example.org>\nBcc: d@example.org\n\nText\n",
        {"-t", "e@example.org", "B@Example.Org"});
    ASSERT_TRUE(result) << result.error().detail;
    EXPECT_EQ(result->author.mailbox, "a@example.org");
    EXPECT_THAT(result->open, ElementsAre("b@example.org", "c@example.org"));
    EXPECT_THAT(result->hidden, ElementsAre("d@example.org", "e@example.org"));
}

TEST(SendmailEnvelope, HoldsOnlyTheArgumentsWhenTheHeaderDoesNotDecide) {
    const auto result = envelope(
        "From: a@example.org\nTo: b@example.org, c@example.org\nBcc: d@example.org\n\n", {"c@example.org"});
    ASSERT_TRUE(result) << result.error().detail;
    EXPECT_THAT(result->open, ElementsAre("c@example.org"));
    EXPECT_TRUE(result->hidden.empty());
}

TEST(SendmailEnvelope, RefusesMailsThatCanBeReadInTwoWays) {
    for (const std::string header :
         {"From: a@example.org, b@example.org\nTo: c@example.org\n", "From:\nTo: c@example.org\n",
          "From: a@example.org\nTo: c@example.org\nTo: d@example.org\n",
          "From: a@example.org\nTo: c@example.org\nResent-To: d@example.org\n",
          "From: =?utf-8?q?a?=@example.org\nTo: c@example.org\n",
          "From: a@example.org\nFrom: a@example.org\nTo: c@example.org\n",
          "From: a@example.org\nTo: c@example.org; d@example.org\n",
          "From: a@example.org\nTo: c@example.org\nBcc: D E, f@example.org\n"}) {
        const auto result = envelope(header + "\nText\n", {"-t"});
        ASSERT_FALSE(result) << header;
        EXPECT_EQ(exit_status_of(result.error()), EX_DATAERR) << header;
    }
}

TEST(SendmailEnvelope, HidesEverybodyFromFieldsThatCannotBeRead) {
    const auto result =
        envelope("From: a@example.org\nTo: b@example.org; c@example.org\n\n", {"b@example.org"});
    ASSERT_TRUE(result) << result.error().detail;
    EXPECT_TRUE(result->open.empty());
    EXPECT_THAT(result->hidden, ElementsAre("b@example.org"));
}

TEST(SendmailEnvelope, GoesToNamesOfThisMachineToo) {
    const auto result = envelope("From: a@example.org\nTo: root\n\n", {"-t"});
    ASSERT_TRUE(result) << result.error().detail;
    EXPECT_THAT(result->open, ElementsAre("root"));
}

TEST(SendmailEnvelope, TakesTheAuthorFromTheArgumentsWhenFromIsMissing) {
    const auto named = envelope("To: b@example.org\n\n", {"-t", "-f", "a@example.org", "-F", "A \"B\""});
    ASSERT_TRUE(named) << named.error().detail;
    EXPECT_EQ(named->author.mailbox, "a@example.org");
    EXPECT_EQ(named->author.new_from, "\"A \\\"B\\\"\" <a@example.org>");
    const auto unnamed = envelope("To: b@example.org\n\n", {"-t", "-r", "<a@example.org>", "-F", "\u00c5sa"});
    ASSERT_TRUE(unnamed) << unnamed.error().detail;
    EXPECT_EQ(unnamed->author.new_from, "<a@example.org>");
    const auto present =
        envelope("From: c@example.org\nTo: b@example.org\n\n", {"-t", "-f", "a@example.org"});
    ASSERT_TRUE(present);
    EXPECT_EQ(present->author.mailbox, "c@example.org");
    EXPECT_EQ(present->author.new_from, "");
}

TEST(SendmailEnvelope, IsFromWhoeverRunsTheProgramWhenNobodyIsNamed) {
    const auto result = envelope("To: b@example.org\n\n", {"-t"});
    ASSERT_TRUE(result) << result.error().detail;
    EXPECT_EQ(result->author.mailbox, getpwuid(getuid())->pw_name);
}

TEST(SendmailEnvelope, IsFromNobodyWhenTheArgumentsSaySo) {
    for (const char* sender : {"", "<>", "a@example.org, b@example.org"}) {
        const auto result = envelope("To: b@example.org\n\n", {"-t", "-f", sender});
        ASSERT_FALSE(result) << sender;
        EXPECT_EQ(exit_status_of(result.error()), EX_DATAERR);
        EXPECT_THAT(result.error().detail,
                    HasSubstr(sender[0] == 'a' ? sender : "an empty sender is no address"));
    }
}

TEST(SendmailEnvelope, MayBeFromANameOfThisMachine) {
    const auto result = envelope("From: root (Cron Daemon)\nTo: root\n\n",
                                 {"-FCronDaemon", "-i", "-B8BITMIME", "-oem", "root"});
    ASSERT_TRUE(result) << result.error().detail;
    EXPECT_EQ(result->author.mailbox, "root");
}

TEST(SendmailEnvelope, GetsAFromFieldInFront) {
    const auto result = outgoing(smime::TextSource("To: b@example.org\r\nBcc: c@example.org\r\n\r\nText\r\n"),
                                 "<a@example.org>");
    ASSERT_TRUE(result);
    EXPECT_EQ(*smime::read_all(**result, {0, (*result)->size()}, 1000),
              "From: <a@example.org>\r\nTo: b@example.org\r\n\r\nText\r\n");
}

TEST(SendmailEnvelope, LosesBccAndNothingElse) {
    const std::string mail =
        "From: a@example.org\r\nbcc: b@example.org,\r\n c@example.org\r\nSubject: x\r\n\r\nBcc: text\r\n";
    const auto stripped = outgoing(smime::TextSource(mail), {});
    ASSERT_TRUE(stripped);
    EXPECT_EQ(*smime::read_all(**stripped, {0, (*stripped)->size()}, 1000),
              "From: a@example.org\r\nSubject: x\r\n\r\nBcc: text\r\n");
}

Result<Settings> settings(const std::string& text) {
    return parse_settings(text, "mail.toml", "/home/alice/.config/signet");
}

TEST(SendmailSettings, ChooseTheAccountOfTheSender) {
    const auto parsed = settings(
        "transport = ['msmtp']\ncertificates = ['people']\n"
        "[[account]]\naddress = 'alice@example.org'\nsign = true\nencrypt = true\n"
        "[[account]]\naddress = '*'\nsign = false\nencrypt = false\ntransport = ['/usr/sbin/sendmail', "
        "'-v']\n");
    ASSERT_TRUE(parsed) << parsed.error().detail;
    EXPECT_THAT(parsed->certificates, ElementsAre("/home/alice/.config/signet/people"));
    const auto alice = account_for(*parsed, "Alice@Example.org");
    ASSERT_TRUE(alice);
    EXPECT_TRUE(alice->encrypt);
    EXPECT_THAT(alice->transport, ElementsAre("msmtp"));
    const auto quoted = account_for(*parsed, "\"al\\ice\"@example.org");
    ASSERT_TRUE(quoted);
    EXPECT_TRUE(quoted->encrypt);
    const auto other = account_for(*parsed, "bob@example.org");
    ASSERT_TRUE(other);
    EXPECT_FALSE(other->encrypt);
    EXPECT_THAT(other->transport, ElementsAre("/usr/sbin/sendmail", "-v"));
}

TEST(SendmailSettings, LeaveNoSenderToChance) {
    const auto parsed = settings("[[account]]\naddress = 'a@example.org'\nsign = true\nencrypt = true\n");
    ASSERT_TRUE(parsed);
    const auto account = account_for(*parsed, "b@example.org");
    ASSERT_FALSE(account);
    EXPECT_EQ(exit_status_of(account.error()), EX_CONFIG);
}

// The account for a mail, beside one for all others.
Result<Account> chosen(const std::string& address, const std::string& from) {
    SIGNET_TRY(const auto parsed, settings("[[account]]\naddress = '" + address +
                                           "'\nsign = true\nencrypt = true\n"
                                           "[[account]]\naddress = '*'\nsign = false\nencrypt = false\n"));
    SIGNET_TRY(const auto sent, envelope("From: " + from + "\nTo: bob@example.org\n\n", {"-t"}));
    return account_for(parsed, sent.author.mailbox);
}

TEST(SendmailSettings, KnowADomainInEachWayToWriteIt) {
    for (const auto& [address, from] : std::vector<std::pair<std::string, std::string>>{
             {"alice@xn--bcher-kva.example", "alice@b\u00fccher.example"},
             {"alice@xn--bcher-kva.example", "alice@XN--BCHER-KVA.example"},
             {"alice@xn--bcher-kva.example", "alice@xn--bcher-kva.example"},
             {"alice@b\u00fccher.example", "alice@xn--bcher-kva.example"},
             {"alice@b\u00fccher.example", "Alice <alice@B\u00dcCHER.example>"},
             {"alice@b\u00fccher.example", "alice@bu\u0308cher.example"},
             {"alice@example.org", "alice@example\u3002org"},
             {"alice@example.org", "alice@example.org."},
             {"alice@example.org", "alice@\uff45xample.org"}}) {
        const auto account = chosen(address, from);
        ASSERT_TRUE(account) << from << ": " << account.error().detail;
        EXPECT_TRUE(account->encrypt) << address << ", " << from;
    }
}

TEST(SendmailSettings, RefuseAnAccountThatWouldFitNobody) {
    for (const char* address :
         {"Alice <alice@example.org>", "<alice@example.org>", " alice@example.org", "alice@example.org ",
          "mailto:alice@example.org", "*@example.org", "alice@*", "**", "@example.org", "alice@", "alice",
          "alice@example.org,bob@example.org", "alice(x)@example.org", "alice@example.org.",
          "=?utf-8?q?alice?=@example.org", "alice @example.org", "alice\uff20example.org",
          "Alice <alice@b\u00fccher.example>", " alice@b\u00fccher.example"}) {
        const auto account = chosen(address, "alice@example.org");
        ASSERT_FALSE(account) << address;
        EXPECT_EQ(exit_status_of(account.error()), EX_CONFIG) << address;
        EXPECT_THAT(account.error().detail, StartsWith("mail.toml:"));
    }
}

TEST(SendmailSettings, TakeEachFormOfOneAddress) {
    for (const char* address : {"alice@example.org", "Alice@Example.ORG", "alice.b+c@mail-1.example.org",
                                "alice@localhost", "\"al ice\"@example.org", "alice@[192.0.2.1]",
                                "alice@b\u00fccher.example", "alice@xn--bcher-kva.example"}) {
        const auto account = chosen(address, address);
        ASSERT_TRUE(account) << address << ": " << account.error().detail;
        EXPECT_TRUE(account->encrypt) << address;
    }
}

TEST(SendmailSettings, LetANameOfThisMachineHaveAnAccountInClear) {
    EXPECT_TRUE(settings("[[account]]\naddress = 'root'\nsign = false\nencrypt = false\n"));
    EXPECT_FALSE(settings("[[account]]\naddress = 'root'\nsign = true\nencrypt = false\n"));
}

TEST(SendmailSettings, LetANameOfThisMachineGoTheWayOfAllOthers) {
    const auto account = chosen("alice@example.org", "root (Cron Daemon)");
    ASSERT_TRUE(account) << account.error().detail;
    EXPECT_FALSE(account->protects());
}

// Postfix makes alice@example.org of alice.
TEST(SendmailSettings, SendNothingFromANameThatMayBeAProtectedAddress) {
    const auto account = chosen("alice@example.org", "Alice");
    ASSERT_FALSE(account);
    EXPECT_EQ(exit_status_of(account.error()), EX_DATAERR);
    EXPECT_THAT(account.error().detail, HasSubstr("alice@example.org"));
    const auto allowed = settings(
        "[[account]]\naddress = 'alice@example.org'\nsign = true\nencrypt = true\n"
        "[[account]]\naddress = 'alice'\nsign = false\nencrypt = false\n");
    ASSERT_TRUE(allowed);
    EXPECT_TRUE(account_for(*allowed, "alice"));
}

TEST(SendmailSettings, ProtectNoMailFromANameOfThisMachine) {
    const auto parsed = settings("[[account]]\naddress = '*'\nsign = true\nencrypt = false\n");
    ASSERT_TRUE(parsed);
    const auto account = account_for(*parsed, "root");
    ASSERT_FALSE(account);
    EXPECT_EQ(exit_status_of(account.error()), EX_DATAERR);
}

TEST(SendmailSettings, SendNothingFromAnAddressThatMayBeAnothers) {
    for (const std::string from : {"alice@exa\u200dmple.org", "alice@ex\u2100mple.org",
                                   "\u00e5sa@example.org", "\u00c5SA@example.org"}) {
        EXPECT_FALSE(chosen("alice@example.org", from)) << from;
    }
    EXPECT_EQ(exit_status_of(chosen("alice@example.org", "alice@exa\u200dmple.org").error()), EX_DATAERR);
    EXPECT_EQ(exit_status_of(chosen("alice@example.org", "\u00e5sa@example.org").error()), EX_CONFIG);
    EXPECT_TRUE(chosen("\u00e5sa@example.org", "\u00e5sa@example.org")->encrypt);
}

TEST(SendmailSettings, AreRefusedWithFileAndReason) {
    const std::string account = "[[account]]\naddress = 'a@example.org'\nsign = true\nencrypt = true\n";
    for (const auto& [text, reason] : std::vector<std::pair<std::string, std::string>>{
             {"transports = ['x']", "unknown key transports"},
             {"transport = 'msmtp -t'", "must be a list"},
             {"transport = []", "a program and its arguments"},
             {"[account]\naddress = 'a@example.org'", "[[account]]"},
             {"[[account]]\nsign = true\nencrypt = true", "needs an address"},
             {"[[account]]\naddress = 'a@example.org'\nsign = true", "must say sign and encrypt"},
             {account + "encrypted = true", "unknown key account.encrypted"},
             {account + "key = 'nokey'", "nokey: neither an e-mail address"},
             {account + "key = 'pkcs11:id=%zz'", "pkcs11:"},
             {account + account, "a second account"},
             {"[[account]]\naddress = 'a@exa\u200dmple.org'\nsign = true",
              "no domain is written like this"}}) {
        const auto parsed = settings(text);
        ASSERT_FALSE(parsed) << text;
        EXPECT_EQ(parsed.error().code, ErrorCode::configuration);
        EXPECT_THAT(parsed.error().detail, testing::AllOf(StartsWith("mail.toml:"), HasSubstr(reason)));
    }
}

TEST(SendmailTransport, HasToReadTheWholeMail) {
    std::signal(SIGPIPE, SIG_IGN);  // as the program does
    const smime::TextSource mail("To: bob@example.org\n\nText\n");
    EXPECT_EQ(hand_on({"sh", "-c", "cat >/dev/null"}, mail).value_or(-1), 0);
    EXPECT_EQ(hand_on({"sh", "-c", "cat >/dev/null; exit 75"}, mail).value_or(-1), EX_TEMPFAIL);
    for (const char* command : {"head -c 1 >/dev/null", "exit 0"}) {
        const auto status = hand_on({"sh", "-c", command}, mail);
        ASSERT_FALSE(status) << command;
        EXPECT_EQ(status.error().detail, "sh: it did not read the whole mail");
    }
    EXPECT_EQ(hand_on({"sh", "-c", "exit 75"}, mail).value_or(-1), EX_TEMPFAIL);
}

}  // namespace
}  // namespace signet::sendmail
