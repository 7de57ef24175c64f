#include "cli/trust.h"

#include "cli/certificate_files.h"

namespace signet::cli {

void add_trust(CLI::App& command, TrustChoice& choice) {
    command.add_option("--ca", choice.authorities, "Trust the certificates of this file (repeatable)")
        ->type_name("FILE")
        ->expected(1)
        ->multi_option_policy(CLI::MultiOptionPolicy::TakeAll);
    command
        .add_option("--intermediate", choice.intermediates,
                    "Build paths with the certificates of this file (repeatable)")
        ->type_name("FILE")
        ->expected(1)
        ->multi_option_policy(CLI::MultiOptionPolicy::TakeAll);
    command.add_flag("--system-ca", choice.system_authorities, "Trust the authorities of this system too");
}

Result<smime::VerifyOptions> verify_options(const TrustChoice& choice) {
    smime::VerifyOptions result;
    SIGNET_TRY(result.trust_anchors, read_certificates(choice.authorities));
    SIGNET_TRY(result.intermediates, read_certificates(choice.intermediates));
    result.use_system_store = choice.system_authorities;
    return result;
}

}  // namespace signet::cli
