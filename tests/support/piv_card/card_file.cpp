#include "tests/support/piv_card/card_state.h"

#include <fstream>
#include <sstream>
#include <stdexcept>

namespace signet::test::piv_card {
namespace {

constexpr const char* first_line = "signet-piv-card 1";

// A line is a name, then numbers and hexadecimal octets, with "-" for no octets.
class Line {
  public:
    explicit Line(const std::string& text) : m_words(text) { m_words >> m_name; }

    [[nodiscard]] const std::string& name() const { return m_name; }
    template <class T>
    T number() {
        unsigned long value = 0;
        m_words >> value;
        return static_cast<T>(value);
    }
    Bytes octets() {
        std::string word;
        m_words >> word;
        const auto octets = from_hex(word == "-" ? "" : word);
        if (!octets) {
            throw std::runtime_error("not hexadecimal: " + word);
        }
        return *octets;
    }

  private:
    std::istringstream m_words;
    std::string m_name;
};

std::string hex(ByteView octets) {
    return octets.empty() ? "-" : to_hex(octets);
}

void write(std::ostream& out, const char* name, const ReferenceData& data) {
    out << name << ' ' << hex(data.value) << ' ' << data.tries_left << ' ' << data.tries << ' '
        << data.is_default << '\n';
}

ReferenceData read_reference_data(Line& line) {
    ReferenceData data{.value = line.octets()};
    data.tries_left = line.number<int>();
    data.tries = line.number<int>();
    data.is_default = line.number<bool>();
    return data;
}

void read_management_key(Line& line, ManagementKey& key) {
    key.algorithm = line.number<CipherAlgorithm>();
    key.value = line.octets();
    key.touch_policy = line.number<TouchPolicy>();
    key.is_default = line.number<bool>();
}

void read_key(Line& line, CardState& state) {
    const auto reference = line.number<std::uint8_t>();
    const auto algorithm = line.number<KeyAlgorithm>();
    const auto origin = line.number<KeyOrigin>();
    const auto pin_policy = line.number<PinPolicy>();
    const auto touch_policy = line.number<TouchPolicy>();
    const auto key = PrivateKey::from_der(algorithm, line.octets());
    if (!key) {
        throw std::runtime_error("not a private key");
    }
    state.keys.insert_or_assign(reference, KeySlot{*key, origin, pin_policy, touch_policy});
}

void read_version(Line& line, Version& version) {
    for (auto& part : version) {
        part = line.number<std::uint8_t>();
    }
}

void read_line(Line line, CardState& state) {
    if (line.name() == "serial") {
        state.serial = line.number<std::uint32_t>();
    } else if (line.name() == "version") {
        read_version(line, state.version);
    } else if (line.name() == "pin") {
        state.pin = read_reference_data(line);
    } else if (line.name() == "puk") {
        state.puk = read_reference_data(line);
    } else if (line.name() == "global-pin") {
        state.global_pin = read_reference_data(line);
    } else if (line.name() == "management-key") {
        read_management_key(line, state.management_key);
    } else if (line.name() == "key") {
        read_key(line, state);
    } else if (line.name() == "object") {
        const auto tag = line.number<std::uint32_t>();
        state.objects[tag] = line.octets();
    } else if (line.name() == "attestation-root") {
        state.attestation_root = line.octets();
    } else {
        throw std::runtime_error("unknown line " + line.name());
    }
}

}  // namespace

void save(const CardState& state, const std::filesystem::path& path) {
    const auto temporary = path.string() + ".new";
    std::ofstream out(temporary);
    out << first_line << "\nserial " << state.serial << "\nversion";
    for (const int part : state.version) {
        out << ' ' << part;
    }
    out << '\n';
    write(out, "pin", state.pin);
    write(out, "puk", state.puk);
    write(out, "global-pin", state.global_pin);
    const auto& management = state.management_key;
    out << "management-key " << int(management.algorithm) << ' ' << hex(management.value) << ' '
        << int(management.touch_policy) << ' ' << management.is_default << '\n';
    for (const auto& [reference, slot] : state.keys) {
        out << "key " << int(reference) << ' ' << int(slot.key.algorithm()) << ' ' << int(slot.origin) << ' '
            << int(slot.pin_policy) << ' ' << int(slot.touch_policy) << ' ' << hex(slot.key.to_der()) << '\n';
    }
    for (const auto& [tag, content] : state.objects) {
        out << "object " << tag << ' ' << hex(content) << '\n';
    }
    out << "attestation-root " << hex(state.attestation_root) << '\n';
    out.close();
    if (!out) {
        throw std::runtime_error("cannot write " + temporary);
    }
    std::filesystem::rename(temporary, path);
}

CardState load(const std::filesystem::path& path) {
    std::ifstream in(path);
    std::string text;
    if (!std::getline(in, text) || text != first_line) {
        throw std::runtime_error(path.string() + " is not the file of a card");
    }
    CardState state;
    while (std::getline(in, text)) {
        read_line(Line(text), state);
    }
    return state;
}

}  // namespace signet::test::piv_card
