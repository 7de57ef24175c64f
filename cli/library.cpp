#include "cli/library.h"

#include "smime/public/convert.h"

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

Result<void> result_of(const mail::Status& status) {
    return status.ok() ? Result<void>() : Failure(mail::error_of(status));
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
