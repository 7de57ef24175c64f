// What lies between a reader and the applet: lengths, chaining, GET RESPONSE, faults, memory, log.
#include "tests/piv-card/bare_card.h"
#include "tests/support/temporary_directory.h"

#include <gmock/gmock.h>

namespace signet::test::piv_card {
namespace {

using testing::HasSubstr;
using testing::Not;

// An object of 600 octets, so 604 of response.
constexpr const char* read_large = "5C035FC102";
void put_large(BareCard& card) {
    card.state().objects[0x5FC102] = Bytes(600, 0xAB);
    card.select();
}

TEST(Command, HasTheFormsOfIso7816) {
    const auto expect = [](std::string_view hex, std::size_t data, std::size_t expected) {
        const auto command = parse_command(octets(hex));
        ASSERT_TRUE(command) << hex;
        EXPECT_EQ(command->data.size(), data) << hex;
        EXPECT_EQ(command->expected.value_or(0), expected) << hex;
    };
    expect("00200080", 0, 0);
    expect("0020008000", 0, 256);
    expect("0020008008", 0, 8);
    expect("0020008002AABB", 2, 0);
    expect("0020008002AABB10", 2, 16);
    expect("00200080000000", 0, 65536);
    expect("002000800000020102", 2, 0);
    expect("0020008000000201020100", 2, 256);
    for (const auto* bad :
         {"002000", "0020008002AA", "0020008002AABBCCDD", "002000800000", "00200080000002AA"}) {
        EXPECT_FALSE(parse_command(octets(bad))) << bad;
    }
}

TEST(Response, ComesInBlocksThatAnnounceWhatIsLeft) {
    BareCard card;
    put_large(card);
    auto answer = card.send_with_data("00CB3FFF", read_large);
    EXPECT_EQ(answer.data.size(), 256U);
    EXPECT_EQ(answer.status, 0x6100);
    answer = card.send("00C0000000");
    EXPECT_EQ(answer.status, 0x615C);
    answer = card.send("00C000005C");
    EXPECT_EQ(answer.data.size(), 92U);
    EXPECT_EQ(answer.status, 0x9000);
    EXPECT_EQ(card.send("00C0000000").status, 0x6985);
}

TEST(Response, ComesAtOnceWithExtendedLength) {
    BareCard card;
    put_large(card);
    EXPECT_EQ(card.send("00CB3FFF000005" + std::string(read_large) + "0000").data.size(), 604U);
    card.card().settings().extended_length = false;
    EXPECT_EQ(card.send("00CB3FFF000005" + std::string(read_large) + "0000").status, 0x6700);
}

TEST(Response, MayHideThatMoreIsWaiting) {
    BareCard card({"more-after-full-block=off"});
    put_large(card);
    EXPECT_EQ(card.send_with_data("00CB3FFF", read_large).status, 0x9000);
    EXPECT_EQ(card.send("00C0000000").status, 0x9000);
    EXPECT_EQ(card.send("00C0000000").data.size(), 92U);
}

TEST(Response, MayWantTheRightLe) {
    BareCard card({"corrects-le=on"});
    card.select();
    EXPECT_EQ(card.send("00CB3FFF035C017E08").hex(), "6c14");
    EXPECT_EQ(card.send("00CB3FFF035C017E08").hex(), "6c14");
    EXPECT_EQ(card.send("00CB3FFF035C017E14").data.size(), 20U);
}

TEST(Response, OfACommandThatWasOvertakenIsGone) {
    BareCard card;
    put_large(card);
    card.send_with_data("00CB3FFF", read_large);
    card.send("00200080");
    EXPECT_EQ(card.send("00C0000000").status, 0x6985);
}

TEST(Chaining, IsAbandonedForAnotherCommand) {
    BareCard card;
    card.select();
    EXPECT_EQ(card.send("10CB3FFF035C035F").status, 0x9000);
    EXPECT_EQ(card.send("00CB3FFF02C10200").status, 0x6A82) << "the rest of the chain";
    card.send("10CB3FFF035C035F");
    EXPECT_EQ(card.send("00200080").status, 0x63C3);
    EXPECT_EQ(card.send("00CB3FFF02C10200").status, 0x6A80) << "not a chain any more";
}

TEST(Chaining, HasABound) {
    BareCard card;
    card.select();
    Answer answer;
    for (int i = 0; i < 70 && answer.status != 0x6700; ++i) {
        answer = card.send("10DB3FFFFF" + std::string(510, '0'));
    }
    EXPECT_EQ(answer.status, 0x6700);
}

TEST(Class, RefusesChannelsSecureMessagingAndOthers) {
    BareCard card;
    card.select();
    EXPECT_EQ(card.send("01200080").status, 0x6881);
    EXPECT_EQ(card.send("0C200080").status, 0x6882);
    EXPECT_EQ(card.send("80200080").status, 0x6E00);
    EXPECT_EQ(card.send("00990080").status, 0x6D00);
}

TEST(Certificates, AreShownInOldForms) {
    BareCard card;
    Bytes content = element(0x70, Bytes(500, 0x30));
    append_element(content, 0x71, Bytes{0x00});
    append_element(content, 0xFE, {});
    card.state().objects[0x5FC105] = content;
    card.select();
    for (const auto& [form, information] :
         {std::pair("certificates=gzip", "710101"), std::pair("certificates=old-gzip", "710180")}) {
        ASSERT_TRUE(set(card.card().settings(), form));
        const auto answer = card.send_with_data("00CB3FFF", "5C035FC105").hex();
        EXPECT_THAT(answer, HasSubstr("1f8b")) << form;
        EXPECT_THAT(answer, HasSubstr(information)) << form;
    }
    ASSERT_TRUE(set(card.card().settings(), "certificates=net-id"));
    EXPECT_THAT(card.send_with_data("00CB3FFF", "5C035FC105").hex(), HasSubstr("0100f40178"));
}

TEST(Settings, RefuseUnknownNamesAndValues) {
    Settings settings;
    for (const auto* wrong :
         {"extended", "extended=maybe", "Extended=on", "touch=often", "touch-delay=x", "=on", ""}) {
        EXPECT_FALSE(set(settings, wrong)) << wrong;
    }
    EXPECT_TRUE(set(settings, "touch-delay=250"));
    EXPECT_EQ(settings.touch_delay, std::chrono::milliseconds(250));
}

TEST(Faults, HappenOnceAtTheirCommand) {
    BareCard card;
    card.select();
    card.card().faults().add(parse_fault("replace@2/20:6F00").value());
    EXPECT_EQ(card.send("00200080").status, 0x63C3);
    EXPECT_EQ(card.send("00CB3FFF035C017E00").status, 0x9000);
    EXPECT_EQ(card.send("00200080").status, 0x6F00);
    EXPECT_EQ(card.send("00200080").status, 0x63C3);
}

TEST(Faults, DamageResponses) {
    BareCard card;
    card.select();
    card.card().faults().add(parse_fault("flip:7").value());
    EXPECT_EQ(card.send("00200080").status, 0xE3C3);
    card.card().faults().add(parse_fault("oversize:300").value());
    const auto answer = card.send("00200080");
    EXPECT_EQ(answer.data.size(), 298U);
    EXPECT_EQ(answer.status, 0x63C3);
    card.card().faults().add(parse_fault("truncate:1").value());
    EXPECT_EQ(card.card().exchange(octets("00200080")).octets.size(), 1U);
}

TEST(Faults, PullBeforeTheEffectOrAfterIt) {
    for (const auto& [fault, tries] :
         {std::pair("pull-before", 3), std::pair("pull-during", 2), std::pair("pull-after", 2)}) {
        BareCard card;
        card.select();
        card.card().faults().add(parse_fault(fault).value());
        const auto reply = card.card().exchange(octets("0020008008313131313131FFFF"));
        EXPECT_TRUE(reply.pulled);
        EXPECT_EQ(reply.answered, std::string_view(fault) == "pull-after");
        EXPECT_EQ(card.state().pin.tries_left, tries) << fault;
    }
}

TEST(Faults, OfUnknownFormAreRefused) {
    for (const auto* wrong : {"", "explode", "flip@0", "flip@x", "flip/100", "slow:1x", "slow@"}) {
        EXPECT_FALSE(parse_fault(wrong)) << wrong;
    }
}

TEST(Memory, IsTheSameAfterItWasWrittenAndRead) {
    const TemporaryDirectory directory;
    auto state = new_card(7, {5, 7, 1});
    put_key(state, 0x9A, KeyAlgorithm::ed25519);
    put_key(state, 0x82, KeyAlgorithm::rsa_1024);
    put_chuid(state, Bytes(16, 0x01));
    state.pin.tries_left = 1;
    save(state, directory / "card");
    const auto again = load(directory / "card");
    save(again, directory / "again");
    EXPECT_EQ(read_file(directory / "card"), read_file(directory / "again"));
    EXPECT_EQ(again.keys.at(0x9A).key.public_key(), state.keys.at(0x9A).key.public_key());
    EXPECT_EQ(again.pin.tries_left, 1);
}

TEST(Memory, IsWrittenBeforeTheAnswer) {
    const TemporaryDirectory directory;
    Card card(
        {.state = directory / "card", .log = {}},
        [] {
            return new_card(1, {5, 4, 3});
        },
        {}, [] { return true; });
    card.exchange(octets("00A4040005A00000030800"));
    card.exchange(octets("0020008008313131313131FFFF"));
    EXPECT_EQ(load(directory / "card").pin.tries_left, 2);
}

TEST(Log, HasALineForEachCommandAndNoPin) {
    const TemporaryDirectory directory;
    Card card(
        {.state = {}, .log = directory / "log"},
        [] {
            return new_card(1, {5, 4, 3});
        },
        {}, [] { return true; });
    card.power("reset");
    card.exchange(octets("00A4040005A00000030800"));
    card.exchange(octets("0020008008313233343536FFFF"));
    const auto log = read_file(directory / "log");
    EXPECT_THAT(log, HasSubstr(" 00200080 lc=8 le=0 sw=9000 length=0 applet=piv\n"));
    EXPECT_THAT(log, HasSubstr(" reset\n"));
    EXPECT_THAT(log, Not(HasSubstr("313233343536")));
}

}  // namespace
}  // namespace signet::test::piv_card
