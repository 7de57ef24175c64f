#include "tests/support/piv_card/reader_slot.h"
#include "x509/certificate.h"
#include "x509/openssl.h"

#include <getopt.h>
#include <openssl/pem.h>

#include <array>
#include <cstdio>
#include <cstdlib>
#include <exception>
#include <numeric>
#include <string>

namespace {

using namespace signet::test::piv_card;
using signet::Bytes;

constexpr int exit_usage = 2;

constexpr char help[] =
    "Usage: piv-card [OPTION]...\n"
    "\n"
    "A PIV card in a slot of vpcd on this machine, until it is ended.\n"
    "\n"
    "  --port N                 vpcd's port (35963)\n"
    "  --state FILE             the card's memory, made when it is not there\n"
    "  --log FILE               a line for each APDU, without its data\n"
    "  --control SOCKET         where to take commands; see reader_slot.h\n"
    "  --serial N               serial number of a new card\n"
    "  --firmware X.Y.Z         version of a new card (5.4.3)\n"
    "  --atr HEX                answer to reset\n"
    "  --removed                begin outside of the reader\n"
    "  --insert-after MS        begin outside of the reader, and come in by itself\n"
    "  --reinsert-after MS      come back after a fault pulled the card\n"
    "  --shortest-absence MS    time out of the reader (500; pcscd may not see less)\n"
    "  --attestation-root FILE  write the root of attestation certificates, PEM\n"
    "  --fault KIND[@N][/INS][:VALUE]   see faults.h\n"
    "  --set NAME=VALUE         how this card differs from others:\n";

struct Options {
    SlotOptions slot;
    CardFiles files;
    Settings settings;
    std::vector<Fault> faults;
    std::uint32_t serial = 12345678;
    Version version{5, 4, 3};
    std::string attestation_root;
};

// Interface characters for T=1 and five historical ones. OpenSC's table does not know it, so that it looks at
// the card itself. With T=0 alone OpenSC would leave Le out of commands with data.
Bytes default_atr() {
    Bytes atr{0x3B, 0x85, 0x80, 0x01, 'C', 'A', 'R', 'D', '1'};
    const auto check = std::accumulate(atr.begin() + 1, atr.end(), 0,
                                       [](int sum, std::uint8_t octet) { return sum ^ octet; });
    atr.push_back(static_cast<std::uint8_t>(check));
    return atr;
}

[[noreturn]] void refuse(const std::string& what) {
    std::fprintf(stderr, "piv-card: %s\n", what.c_str());
    std::exit(exit_usage);
}

template <class T>
T required(signet::Result<T> result) {
    if (!result) {
        refuse(result.error().detail);
    }
    return std::move(*result);
}

Version parse_version(const char* text) {
    std::array<unsigned, 3> parts{};
    if (std::sscanf(text, "%u.%u.%u", parts.data(), &parts[1], &parts[2]) !=
        3) {  // NOLINT: the count is checked
        refuse(std::string("not a version: ") + text);
    }
    return {static_cast<std::uint8_t>(parts[0]), static_cast<std::uint8_t>(parts[1]),
            static_cast<std::uint8_t>(parts[2])};
}

unsigned long parse_number(const char* text) {
    char* end = nullptr;
    const auto number = std::strtoul(text, &end, 10);
    if (*text == '\0' || *end != '\0') {
        refuse(std::string("not a number: ") + text);
    }
    return number;
}

void apply(int choice, const char* value, Options& options) {
    switch (choice) {
        case 'p':
            options.slot.port = static_cast<std::uint16_t>(parse_number(value));
            break;
        case 's':
            options.files.state = value;
            break;
        case 'l':
            options.files.log = value;
            break;
        case 'c':
            options.slot.control = value;
            break;
        case 'n':
            options.serial = static_cast<std::uint32_t>(parse_number(value));
            break;
        case 'v':
            options.version = parse_version(value);
            break;
        case 'a':
            options.slot.atr = required(signet::from_hex(value));
            break;
        case 'r':
            options.slot.inserted = false;
            break;
        case 'I':
            options.slot.inserted = false;
            options.slot.insert_after = std::chrono::milliseconds(parse_number(value));
            break;
        case 'i':
            options.slot.reinsert_after = std::chrono::milliseconds(parse_number(value));
            break;
        case 'o':
            options.slot.shortest_absence = std::chrono::milliseconds(parse_number(value));
            break;
        case 'R':
            options.attestation_root = value;
            break;
        case 'f':
            options.faults.push_back(required(parse_fault(value)));
            break;
        case 'q':
            if (const auto result = set(options.settings, value); !result) {
                refuse("unknown setting " + result.error().detail);
            }
            break;
        case 'h':
            std::fputs((help + setting_names()).c_str(), stdout);
            std::exit(EXIT_SUCCESS);
        default:
            std::exit(exit_usage);
    }
}

Options parse_options(int argc, char** argv) {
    constexpr std::array long_options{option{"port", required_argument, nullptr, 'p'},
                                      option{"state", required_argument, nullptr, 's'},
                                      option{"log", required_argument, nullptr, 'l'},
                                      option{"control", required_argument, nullptr, 'c'},
                                      option{"serial", required_argument, nullptr, 'n'},
                                      option{"firmware", required_argument, nullptr, 'v'},
                                      option{"atr", required_argument, nullptr, 'a'},
                                      option{"removed", no_argument, nullptr, 'r'},
                                      option{"insert-after", required_argument, nullptr, 'I'},
                                      option{"reinsert-after", required_argument, nullptr, 'i'},
                                      option{"shortest-absence", required_argument, nullptr, 'o'},
                                      option{"attestation-root", required_argument, nullptr, 'R'},
                                      option{"fault", required_argument, nullptr, 'f'},
                                      option{"set", required_argument, nullptr, 'q'},
                                      option{"help", no_argument, nullptr, 'h'},
                                      option{nullptr, 0, nullptr, 0}};
    Options options;
    options.slot.atr = default_atr();
    for (int choice = 0; (choice = getopt_long(argc, argv, "", long_options.data(), nullptr)) != -1;) {
        apply(choice, optarg, options);
    }
    if (optind < argc) {
        refuse(std::string("unexpected argument ") + argv[optind]);
    }
    return options;
}

void write_root(const CardState& state, const std::string& path) {
    const auto root = required(signet::x509::Certificate::from_der(state.attestation_root));
    const signet::x509::BioPointer file(BIO_new_file(path.c_str(), "w"));
    if (!file || PEM_write_bio_X509(file.get(), root.get()) != 1) {
        refuse("cannot write " + path);
    }
}

int run(const Options& options) {
    ReaderSlot slot(
        options.slot, options.files, [&options] { return new_card(options.serial, options.version); },
        options.settings);
    for (const auto& fault : options.faults) {
        slot.card().faults().add(fault);
    }
    if (!options.attestation_root.empty()) {
        write_root(slot.card().state(), options.attestation_root);
    }
    slot.run();
}

}  // namespace

int main(int argc, char** argv) {
    try {
        return run(parse_options(argc, argv));
    } catch (const std::exception& error) {
        std::fprintf(stderr, "piv-card: %s\n", error.what());
        return EXIT_FAILURE;
    }
}
