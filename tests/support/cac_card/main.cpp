// usage: cac-card NSS-DATABASE CERTIFICATE...
//
// A Common Access Card of somebody else's making, in the first slot of vpcd: libcacard's, with the
// certificates of these nicknames and their keys. Its PIN is the password of the database.
#include "tests/support/piv_card/vpcd.h"

#include <libcacard.h>

#include <array>
#include <cstdio>
#include <string>

namespace {

using namespace signet::test::piv_card;
using signet::Bytes;
using signet::ByteView;

constexpr const char* reader_name = "Soft Reader";
constexpr std::uint16_t vpcd_port = 35963;

// As vcard_emul_options() reads it.
std::string emulation(const char* database, char** certificates, int count) {
    std::string options = std::string("db=\"") + database + "\" use_hw=no soft=(," + reader_name + ",CAC,";
    for (int i = 0; i < count; ++i) {
        options += std::string(",") + certificates[i];
    }
    return options + ")";
}

VReader* open_reader(const std::string& options) {
    if (vcard_emul_init(vcard_emul_options(options.c_str())) != VCARD_EMUL_OK) {
        return nullptr;
    }
    VReader* reader = vreader_get_reader_by_name(reader_name);
    return reader != nullptr && vreader_card_is_present(reader) == VREADER_OK ? reader : nullptr;
}

Bytes answer_to_reset(VReader* reader) {
    Bytes answer(64);
    int size = static_cast<int>(answer.size());
    if (vreader_power_on(reader, answer.data(), &size) != VREADER_OK) {
        return {};
    }
    answer.resize(static_cast<std::size_t>(size));
    return answer;
}

Bytes exchange(VReader* reader, Bytes command) {
    Bytes response(65538);
    int size = static_cast<int>(response.size());
    if (vreader_xfr_bytes(reader, command.data(), static_cast<int>(command.size()), response.data(), &size) !=
        VREADER_OK) {
        return {0x6F, 0x00};
    }
    response.resize(static_cast<std::size_t>(size));
    return response;
}

void serve(VReader* reader, const VpcdConnection& vpcd) {
    const Bytes identity = answer_to_reset(reader);
    while (const auto message = vpcd.receive()) {
        bool sent = true;
        switch (message->kind) {
            case VpcdMessage::Kind::power_off:
                vreader_power_off(reader);
                break;
            case VpcdMessage::Kind::power_on:
            case VpcdMessage::Kind::reset:
                answer_to_reset(reader);
                break;
            case VpcdMessage::Kind::get_atr:
                sent = vpcd.send(identity);
                break;
            case VpcdMessage::Kind::command:
                sent = vpcd.send(exchange(reader, message->command));
                break;
        }
        if (!sent) {
            return;
        }
    }
}

}  // namespace

int main(int count, char** arguments) {
    if (count < 3) {
        std::fputs("usage: cac-card NSS-DATABASE CERTIFICATE...\n", stderr);
        return 2;
    }
    VReader* reader = open_reader(emulation(arguments[1], arguments + 2, count - 2));
    if (reader == nullptr) {
        std::fputs("cac-card: libcacard makes no card of these\n", stderr);
        return 1;
    }
    const auto vpcd = VpcdConnection::connect(vpcd_port);
    if (!vpcd) {
        std::fputs("cac-card: vpcd does not listen\n", stderr);
        return 1;
    }
    serve(reader, *vpcd);
    return 0;
}
