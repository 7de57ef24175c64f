#include "tests/support/softhsm.h"

#include "base/bytes.h"
#include "tests/support/requirements.h"
#include "x509/certificate.h"

#include <dlfcn.h>
#include <openssl/core_names.h>
#include <openssl/ec.h>
#include <openssl/param_build.h>
#include <p11-kit/pkcs11.h>

#include <array>
#include <cstdlib>
#include <cstring>
#include <stdexcept>
#include <vector>

namespace signet::test {
namespace {

void must(bool condition, const std::string& what) {
    if (!condition) {
        throw std::runtime_error(what);
    }
}

void must_succeed(CK_RV value, const char* operation) {
    must(value == CKR_OK, std::string(operation) + ": " + std::to_string(value));
}

Bytes number(const EVP_PKEY* key, const char* name, int size = 0) {
    BIGNUM* value = nullptr;
    must(EVP_PKEY_get_bn_param(key, name, &value) == 1, name);
    const x509::BignumPointer owner(value);
    Bytes octets(static_cast<std::size_t>(size > 0 ? size : BN_num_bytes(value)));
    BN_bn2binpad(value, octets.data(), static_cast<int>(octets.size()));
    return octets;
}

struct EcKey {
    Bytes parameters;
    Bytes point;  // in a DER OCTET STRING
    Bytes scalar;
};

EcKey ec_key(const EVP_PKEY* key) {
    std::array<char, 64> group{};
    must(EVP_PKEY_get_utf8_string_param(key, OSSL_PKEY_PARAM_GROUP_NAME, group.data(), group.size(),
                                        nullptr) == 1,
         "group");
    const ASN1_OBJECT* object = OBJ_nid2obj(OBJ_txt2nid(group.data()));
    unsigned char* encoded = nullptr;
    const int length = i2d_ASN1_OBJECT(object, &encoded);
    const x509::OpensslOctets owner(encoded);
    const int field = (EVP_PKEY_get_bits(key) + 7) / 8;
    Bytes point{0x04};
    for (const char* coordinate : {OSSL_PKEY_PARAM_EC_PUB_X, OSSL_PKEY_PARAM_EC_PUB_Y}) {
        const Bytes octets = number(key, coordinate, field);
        point.insert(point.end(), octets.begin(), octets.end());
    }
    Bytes wrapped{0x04};
    if (point.size() >= 0x80) {
        wrapped.push_back(0x81);
    }
    wrapped.push_back(static_cast<std::uint8_t>(point.size()));
    wrapped.insert(wrapped.end(), point.begin(), point.end());
    return {.parameters = Bytes(encoded, encoded + length),
            .point = wrapped,
            .scalar = number(key, OSSL_PKEY_PARAM_PRIV_KEY, field)};
}

// Attributes with the memory that they point to.
class Template {
  public:
    Template& add(CK_ATTRIBUTE_TYPE type, Bytes value) {
        m_values.push_back({type, std::move(value)});
        return *this;
    }
    Template& add_text(CK_ATTRIBUTE_TYPE type, const std::string& value) {
        return add(type, Bytes(value.begin(), value.end()));
    }
    Template& add_flag(CK_ATTRIBUTE_TYPE type, bool value) {
        return add(type, Bytes(1, value ? CK_TRUE : CK_FALSE));
    }
    Template& add_number(CK_ATTRIBUTE_TYPE type, CK_ULONG value) {
        Bytes octets(sizeof(value));
        std::memcpy(octets.data(), &value, sizeof(value));
        return add(type, std::move(octets));
    }

    std::vector<CK_ATTRIBUTE> attributes() {
        std::vector<CK_ATTRIBUTE> result;
        for (auto& [type, value] : m_values) {
            result.push_back({type, value.data(), value.size()});
        }
        return result;
    }

  private:
    std::vector<std::pair<CK_ATTRIBUTE_TYPE, Bytes>> m_values;
};

Template common(CK_OBJECT_CLASS object_class, bool is_private, std::uint16_t id, const std::string& label) {
    Template result;
    result.add_number(CKA_CLASS, object_class)
        .add_flag(CKA_TOKEN, true)
        .add_flag(CKA_PRIVATE, is_private)
        .add(CKA_ID, {static_cast<std::uint8_t>(id >> 8), static_cast<std::uint8_t>(id)})
        .add_text(CKA_LABEL, label);
    return result;
}

void add_rsa(Template& private_key, Template& public_key, const EVP_PKEY* key) {
    for (Template* object : {&private_key, &public_key}) {
        object->add_number(CKA_KEY_TYPE, CKK_RSA)
            .add(CKA_MODULUS, number(key, OSSL_PKEY_PARAM_RSA_N))
            .add(CKA_PUBLIC_EXPONENT, number(key, OSSL_PKEY_PARAM_RSA_E));
    }
    private_key.add(CKA_PRIVATE_EXPONENT, number(key, OSSL_PKEY_PARAM_RSA_D))
        .add(CKA_PRIME_1, number(key, OSSL_PKEY_PARAM_RSA_FACTOR1))
        .add(CKA_PRIME_2, number(key, OSSL_PKEY_PARAM_RSA_FACTOR2))
        .add(CKA_EXPONENT_1, number(key, OSSL_PKEY_PARAM_RSA_EXPONENT1))
        .add(CKA_EXPONENT_2, number(key, OSSL_PKEY_PARAM_RSA_EXPONENT2))
        .add(CKA_COEFFICIENT, number(key, OSSL_PKEY_PARAM_RSA_COEFFICIENT1))
        .add_flag(CKA_DECRYPT, true);
}

void add_ec(Template& private_key, Template& public_key, const EVP_PKEY* key) {
    const EcKey parts = ec_key(key);
    for (Template* object : {&private_key, &public_key}) {
        object->add_number(CKA_KEY_TYPE, CKK_EC).add(CKA_EC_PARAMS, parts.parameters);
    }
    public_key.add(CKA_EC_POINT, parts.point);
    private_key.add(CKA_VALUE, parts.scalar).add_flag(CKA_DERIVE, true);
}

std::string key_identifier(const EVP_PKEY* key) {
    unsigned char* octets = nullptr;
    const int length = i2d_PUBKEY(key, &octets);
    const x509::OpensslOctets owner(octets);
    must(length > 0, "i2d_PUBKEY");
    return x509::key_identifier({octets, static_cast<std::size_t>(length)});
}

}  // namespace

bool SoftHsm::available() {
    return std::filesystem::exists(module) && have_program("softhsm2-util") && have_program("pkcs11-tool");
}

SoftHsm::SoftHsm() {
    const auto tokens = m_directory / "tokens";
    std::filesystem::create_directory(tokens);
    write_file(m_directory / "softhsm2.conf", "directories.tokendir = " + tokens.string() +
                                                  "\nobjectstore.backend = file\nlog.level = ERROR\n");
}

Variables SoftHsm::variables() const {
    return {{"SOFTHSM2_CONF", (m_directory / "softhsm2.conf").string()}};
}

void SoftHsm::init_token(const std::string& label) const {
    run_checked(
        {"softhsm2-util", "--init-token", "--free", "--label", label, "--so-pin", so_pin, "--pin", pin},
        {.input = {}, .variables = variables(), .working_directory = {}});
}

void SoftHsm::pkcs11_tool(const std::string& token, const std::vector<std::string>& arguments) const {
    std::vector<std::string> command{"pkcs11-tool", "--module", module,  "--token-label",
                                     token,         "--login",  "--pin", pin};
    command.insert(command.end(), arguments.begin(), arguments.end());
    run_checked(command, {.input = {}, .variables = variables(), .working_directory = {}});
}

void SoftHsm::generate_key(const std::string& token, const std::string& type, const std::string& id,
                           const std::string& label, bool always_authenticate) const {
    std::vector<std::string> arguments{"--keypairgen", "--key-type", type, "--id", id, "--label", label};
    if (always_authenticate) {
        arguments.emplace_back("--always-auth");
    }
    pkcs11_tool(token, arguments);
}

void SoftHsm::write_certificate(const std::string& token, const std::string& der, const std::string& id,
                                const std::string& label) const {
    const auto file = m_directory / "certificate.der";
    write_file(file, der);
    pkcs11_tool(token, {"--write-object", file.string(), "--type", "cert", "--id", id, "--label", label});
}

struct KeyImporter::Cryptoki {
    void* library = nullptr;
    CK_FUNCTION_LIST* functions = nullptr;
    CK_SESSION_HANDLE session = 0;
};

namespace {

CK_SLOT_ID slot_of(CK_FUNCTION_LIST& functions, const std::string& label) {
    std::array<CK_SLOT_ID, 16> slots{};
    CK_ULONG count = slots.size();
    must_succeed(functions.C_GetSlotList(CK_TRUE, slots.data(), &count), "C_GetSlotList");
    for (CK_ULONG i = 0; i < count; ++i) {
        CK_TOKEN_INFO info{};
        functions.C_GetTokenInfo(slots[i], &info);
        const std::string_view name(reinterpret_cast<const char*>(info.label), sizeof(info.label));
        if (name.substr(0, name.find_last_not_of(' ') + 1) == label) {
            return slots[i];
        }
    }
    throw std::runtime_error("no token " + label);
}

}  // namespace

KeyImporter::KeyImporter(const SoftHsm& softhsm, const std::string& token)
    : m_cryptoki(std::make_unique<Cryptoki>()) {
    setenv("SOFTHSM2_CONF", softhsm.variables().at("SOFTHSM2_CONF").c_str(), 1);
    m_cryptoki->library = dlopen(SoftHsm::module, RTLD_NOW | RTLD_LOCAL);
    must(m_cryptoki->library != nullptr, "dlopen");
    const auto get = reinterpret_cast<CK_C_GetFunctionList>(dlsym(m_cryptoki->library, "C_GetFunctionList"));
    must_succeed(get(&m_cryptoki->functions), "C_GetFunctionList");
    CK_FUNCTION_LIST& functions = *m_cryptoki->functions;
    must_succeed(functions.C_Initialize(nullptr), "C_Initialize");
    must_succeed(functions.C_OpenSession(slot_of(functions, token), CKF_SERIAL_SESSION | CKF_RW_SESSION,
                                         nullptr, nullptr, &m_cryptoki->session),
                 "C_OpenSession");
    std::string pin = SoftHsm::pin;
    must_succeed(
        functions.C_Login(m_cryptoki->session, CKU_USER, reinterpret_cast<CK_BYTE*>(pin.data()), pin.size()),
        "C_Login");
}

KeyImporter::~KeyImporter() {
    m_cryptoki->functions->C_Finalize(nullptr);
    dlclose(m_cryptoki->library);
}

std::string KeyImporter::import(const EVP_PKEY* key, const std::string& label) {
    const auto id = static_cast<std::uint16_t>(m_next_id++);
    Template private_key = common(CKO_PRIVATE_KEY, true, id, label);
    Template public_key = common(CKO_PUBLIC_KEY, false, id, label);
    private_key.add_flag(CKA_SENSITIVE, true).add_flag(CKA_EXTRACTABLE, false).add_flag(CKA_SIGN, true);
    if (EVP_PKEY_get_base_id(key) == EVP_PKEY_RSA) {
        add_rsa(private_key, public_key, key);
    } else {
        add_ec(private_key, public_key, key);
    }
    for (Template* object : {&private_key, &public_key}) {
        auto attributes = object->attributes();
        CK_OBJECT_HANDLE handle = 0;
        must_succeed(m_cryptoki->functions->C_CreateObject(m_cryptoki->session, attributes.data(),
                                                           attributes.size(), &handle),
                     "C_CreateObject");
    }
    return key_identifier(key);
}

x509::KeyPointer private_key_from_pkcs8(ByteView der) {
    const unsigned char* position = der.data();
    x509::KeyPointer key(d2i_AutoPrivateKey(nullptr, &position, static_cast<long>(der.size())));
    must(key != nullptr, "d2i_AutoPrivateKey");
    return key;
}

x509::KeyPointer private_key_from_scalar(const std::string& group, ByteView scalar) {
    const x509::Pointer<EC_GROUP, EC_GROUP_free> curve(
        EC_GROUP_new_by_curve_name(OBJ_txt2nid(group.c_str())));
    const x509::BignumPointer number(BN_bin2bn(scalar.data(), static_cast<int>(scalar.size()), nullptr));
    const x509::Pointer<EC_POINT, EC_POINT_free> point(EC_POINT_new(curve.get()));
    must(EC_POINT_mul(curve.get(), point.get(), number.get(), nullptr, nullptr, nullptr) == 1,
         "EC_POINT_mul");
    std::array<std::uint8_t, 133> encoded{};
    const std::size_t length = EC_POINT_point2oct(curve.get(), point.get(), POINT_CONVERSION_UNCOMPRESSED,
                                                  encoded.data(), encoded.size(), nullptr);
    const x509::Pointer<OSSL_PARAM_BLD, OSSL_PARAM_BLD_free> builder(OSSL_PARAM_BLD_new());
    OSSL_PARAM_BLD_push_utf8_string(builder.get(), OSSL_PKEY_PARAM_GROUP_NAME, group.c_str(), 0);
    OSSL_PARAM_BLD_push_BN(builder.get(), OSSL_PKEY_PARAM_PRIV_KEY, number.get());
    OSSL_PARAM_BLD_push_octet_string(builder.get(), OSSL_PKEY_PARAM_PUB_KEY, encoded.data(), length);
    const x509::Pointer<OSSL_PARAM, OSSL_PARAM_free> parameters(OSSL_PARAM_BLD_to_param(builder.get()));
    const x509::KeyContextPointer context(EVP_PKEY_CTX_new_from_name(nullptr, "EC", nullptr));
    EVP_PKEY* key = nullptr;
    must(EVP_PKEY_fromdata_init(context.get()) == 1 &&
             EVP_PKEY_fromdata(context.get(), &key, EVP_PKEY_KEYPAIR, parameters.get()) == 1,
         "EVP_PKEY_fromdata");
    return x509::KeyPointer(key);
}

}  // namespace signet::test
