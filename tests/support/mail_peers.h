#pragma once

#include "tests/support/certificates.h"
#include "tests/support/subprocess.h"
#include "tests/support/temporary_directory.h"

#include <string>
#include <vector>

// The mail programs of others, each with a key store of its own, and the forms in which they take CMS.
namespace signet::test {

// The DER inside the base64 body that follows the first empty line behind `from`.
std::string cms_of_mail(const std::string& mail, std::size_t from = 0);
// The DER of the application/pkcs7-signature part.
std::string detached_signature_of(const std::string& mail);

// Mails around what a program wrote that does not write mails.
std::string multipart_signed(const std::string& from, const std::string& entity,
                             const std::string& signature);
std::string pkcs7_mime(const std::string& cms);

// gpgsm that trusts one authority. Ends its daemons when it goes.
class GpgsmHome {
  public:
    explicit GpgsmHome(const x509::Certificate& root);
    ~GpgsmHome();
    GpgsmHome(const GpgsmHome&) = delete;
    GpgsmHome& operator=(const GpgsmHome&) = delete;

    void import(const x509::Certificate& certificate);
    void import(const Identity& identity);
    // Has gnupg-pkcs11-scd find smart cards with a PKCS#11 module that asks for PINs by itself.
    void use_cards_through(const std::string& pkcs11_module);
    ProcessResult run(const std::vector<std::string>& arguments) const;
    [[nodiscard]] std::string path() const { return m_folder.path(); }

  private:
    void end_daemons() const;

    TemporaryDirectory m_folder;
};

// An NSS certificate database that trusts one authority.
class NssDatabase {
  public:
    explicit NssDatabase(const x509::Certificate& root);

    void import(const x509::Certificate& certificate, const std::string& nickname);
    // Its nickname is the e-mail address.
    void import(const Identity& identity);
    // A PKCS#11 module.
    void add_module(const std::string& name, const std::string& path);
    // Also the profile of a program that keeps its database there.
    [[nodiscard]] const std::filesystem::path& folder() const { return m_folder.path(); }
    // The command of an NSS tool, told to use this database.
    [[nodiscard]] std::vector<std::string> on(std::vector<std::string> command) const;
    // With the NSS of this folder rather than the system's, when one is named.
    [[nodiscard]] ProcessResult cmsutil(std::vector<std::string> arguments,
                                        const std::string& library_folder = {}) const;

  private:
    [[nodiscard]] std::string name() const { return "sql:" + m_folder.path().string(); }
    void add(const x509::Certificate& certificate, const std::string& nickname, const std::string& trust);

    TemporaryDirectory m_folder;
};

}  // namespace signet::test
