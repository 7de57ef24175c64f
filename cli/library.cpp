#include "cli/library.h"

namespace signet::cli {

mail::Status LibraryInput::read(std::uint64_t offset, char* buffer, std::size_t capacity,
                                std::size_t& count) const {
    const auto result = m_source.read(offset, {buffer, capacity});
    count = result.value_or(0);
    return mail::status_of(result);
}

mail::Status LibraryOutput::write(std::string_view octets) {
    return mail::status_of(m_sink.write(octets));
}

mail::Status LibraryWithheldOutput::write(std::string_view octets) {
    return mail::status_of(m_sink.write(octets));
}

mail::Status LibraryWithheldOutput::restart() {
    return mail::status_of(m_sink.restart());
}

std::vector<X509*> borrowed(const std::vector<x509::Certificate>& certificates) {
    std::vector<X509*> result;
    result.reserve(certificates.size());
    for (const auto& certificate : certificates) {
        result.push_back(certificate.get());
    }
    return result;
}

}  // namespace signet::cli
