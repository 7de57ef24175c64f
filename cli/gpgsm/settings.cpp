#include "cli/gpgsm/settings.h"

#include "base/directories.h"
#include "base/file_descriptor.h"
#include "base/toml_values.h"
#include "cli/certificate_files.h"
#include "x509/path.h"

#include <cerrno>
#include <filesystem>

namespace signet::gpgsm {
namespace {

constexpr const char* file_name = "gpgsm.toml";

Result<std::vector<std::string>> file_list(const toml::node& node, const std::string& file,
                                           const std::string& folder) {
    SIGNET_TRY(auto paths, list_setting(node, file));
    for (auto& path : paths) {
        path = (std::filesystem::path(folder) / path).string();
    }
    return paths;
}

Result<IncludedCertificates> included(const toml::node& node, const std::string& file) {
    const auto count = IncludedCertificates::of(node.is_integer() ? *node.value<std::int64_t>() : 0);
    if (!count) {
        return wrong_setting(file, node, "include_certificates must be " + count.error().detail);
    }
    return count;
}

Result<std::string> web_address(const toml::node& node, const std::string& file) {
    SIGNET_TRY(auto text, text_setting(node, file));
    if (!text.starts_with("http://") && !text.starts_with("https://")) {
        return wrong_setting(file, node, "must begin with http:// or https://");
    }
    return text;
}

Result<void> apply(Settings& settings, std::string_view key, const toml::node& node, const std::string& file,
                   const std::string& folder) {
    if (key == "trusted") {
        SIGNET_TRY(settings.trusted, file_list(node, file, folder));
    } else if (key == "intermediates") {
        SIGNET_TRY(settings.intermediates, file_list(node, file, folder));
    } else if (key == "system_authorities") {
        SIGNET_TRY(settings.system_authorities, boolean_setting(node, file));
    } else if (key == "include_certificates") {
        SIGNET_TRY(settings.included, included(node, file));
    } else if (key == "timestamp") {
        SIGNET_TRY(settings.timestamp, web_address(node, file));
    } else if (key == "timestamp_authorities") {
        SIGNET_TRY(settings.timestamp_authorities, file_list(node, file, folder));
    } else {
        return wrong_setting(file, node, "unknown key " + std::string(key));
    }
    return {};
}

}  // namespace

Result<IncludedCertificates> IncludedCertificates::of(std::int64_t count) {
    if (count < without_root || count == 0 || count > x509::max_path_length) {
        return failure(ErrorCode::invalid_parameter, "certificates",
                       "-2, -1 or a number from 1 to " + std::to_string(x509::max_path_length));
    }
    return IncludedCertificates{static_cast<int>(count)};
}

Result<smime::VerifyOptions> Settings::verify_options() const {
    smime::VerifyOptions options;
    SIGNET_TRY(options.trust_anchors, cli::read_certificates(trusted));
    SIGNET_TRY(options.intermediates, cli::read_certificates(intermediates));
    options.use_system_store = system_authorities;
    SIGNET_TRY(options.timestamps, timestamp_trust());
    return options;
}

Result<smime::TimestampTrust> Settings::timestamp_trust() const {
    const bool of_signers = timestamp_authorities.empty();
    smime::TimestampTrust trust;
    SIGNET_TRY(trust.anchors, cli::read_certificates(of_signers ? trusted : timestamp_authorities));
    SIGNET_TRY(trust.intermediates, cli::read_certificates(intermediates));
    trust.use_system_store = of_signers && system_authorities;
    return trust;
}

Result<Settings> parse_settings(std::string_view text, const std::string& file, const std::string& folder) {
    SIGNET_TRY(const auto root, parse_toml(text, file));
    Settings settings;
    for (const auto& [key, node] : root) {
        SIGNET_CHECK(apply(settings, key.str(), node, file, folder));
    }
    return settings;
}

Result<Settings> load_settings() {
    SIGNET_TRY(const auto folder, config_directory());
    const auto path = (folder / file_name).string();
    const auto text = read_file(path, max_settings_size);
    if (!text && text.error().native_code == ENOENT) {
        return Settings();
    }
    if (!text) {
        return Failure(text.error());
    }
    return parse_settings(*text, path, folder.string());
}

}  // namespace signet::gpgsm
