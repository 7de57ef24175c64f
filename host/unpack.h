#pragma once

namespace signet::host {

// signet-token --unpack-pkcs12 FILE,PASSWORD,KEY,CERTIFICATES: unpacks a stranger's PKCS#12 file in a process
// that does nothing else. The four are inherited descriptors: the file and its password are read, the PKCS#8
// PrivateKeyInfo and the certificates (DER, one behind the other, that of the key first) are written; the key
// goes through its pipe to whoever puts it into a token. Gives the exit status, with a line on standard error
// when it is not 0.
inline constexpr const char* unpack_option = "--unpack-pkcs12";
inline constexpr int unpack_failed = 1;
inline constexpr int unpack_usage = 2;
inline constexpr int unpack_wrong_password = 3;
int unpack_pkcs12(int count, char** arguments);

}  // namespace signet::host
