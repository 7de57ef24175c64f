#include "cli/sendmail/certificates.h"

#include "cli/certificate_files.h"
#include "cli/messages.h"

#include <algorithm>
#include <filesystem>

namespace signet::sendmail {
namespace {

namespace fs = std::filesystem;

// Of a folder of certificates.
constexpr std::size_t max_files = 10000;

Result<std::vector<fs::path>> files_of(const std::string& folder) {
    std::error_code error;
    std::vector<fs::path> files;
    for (fs::directory_iterator entry(folder, error), end; !error && entry != end; entry.increment(error)) {
        const auto extension = entry->path().extension();
        if (extension == ".pem" || extension == ".crt" || extension == ".cer" || extension == ".der") {
            files.push_back(entry->path());
        }
        if (files.size() > max_files) {
            return failure(ErrorCode::too_large, "certificates",
                           folder + ": more than " + std::to_string(max_files) + " files");
        }
    }
    if (error) {
        return errno_failure("read", folder, error.value());
    }
    std::sort(files.begin(), files.end());
    return files;
}

// A pipe would be waited for.
Result<std::vector<x509::Certificate>> certificates_of_file(const fs::path& path) {
    std::error_code error;
    if (!fs::is_regular_file(path, error)) {
        return failure(ErrorCode::malformed, "certificate", path.string() + ": no file");
    }
    return cli::read_certificates(path.string());
}

Result<void> add_certificates_in(const std::string& path, std::vector<x509::Certificate>& all) {
    std::error_code error;
    if (!fs::is_directory(path, error)) {
        SIGNET_TRY(const auto certificates, cli::read_certificates(path));
        all.insert(all.end(), certificates.begin(), certificates.end());
        return {};
    }
    SIGNET_TRY(const auto files, files_of(path));
    for (const auto& file : files) {
        if (const auto certificates = certificates_of_file(file)) {
            all.insert(all.end(), certificates->begin(), certificates->end());
        } else {
            cli::print_note(certificates.error().detail + "; left out");
        }
    }
    return {};
}

}  // namespace

Failure wrong_file(const std::string& setting, const Error& error) {
    return failure(ErrorCode::configuration, setting,
                   setting + " of mail.toml: " + cli::message_for(error).what);
}

Result<std::vector<x509::Certificate>> certificates_in(const std::vector<std::string>& paths) {
    std::vector<x509::Certificate> all;
    for (const auto& path : paths) {
        if (const auto added = add_certificates_in(path, all); !added) {
            return wrong_file("certificates", added.error());
        }
    }
    return all;
}

}  // namespace signet::sendmail
