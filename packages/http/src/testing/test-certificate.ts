/**
 * A self-signed certificate for `receiver.example` and its key, for tests and nothing else. Made by
 * `openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 36500 -subj /CN=receiver.example
 * -addext subjectAltName=DNS:receiver.example`.
 */
export const testCertificate = {
  cert: `-----BEGIN CERTIFICATE-----
MIIBqjCCAVCgAwIBAgIUYOgWrCFWkwjLkrQ4xlYMrBCY9e0wCgYIKoZIzj0EAwIw
GzEZMBcGA1UEAwwQcmVjZWl2ZXIuZXhhbXBsZTAgFw0yNjExMzAxMTI1MzFaGA8y
MTI2MTEwNjExMjUzMVowGzEZMBcGA1UEAwwQcmVjZWl2ZXIuZXhhbXBsZTBZMBMG
ByqGSM49AgEGCCqGSM49AwEHA0IABPf9yRAqQGuRkpWSCQW2IEOtrdLwzh+z4c09
FO43aZR9lKoFkQL1WMs8kkH5Rih0Xt/i6QAYKayiE2aYTP2zwi+jcDBuMB0GA1Ud
DgQWBBQOLufZH6/BKSzlqwbVmvj6L1k2qDAfBgNVHSMEGDAWgBQOLufZH6/BKSzl
qwbVmvj6L1k2qDAPBgNVHRMBAf8EBTADAQH/MBsGA1UdEQQUMBKCEHJlY2VpdmVy
LmV4YW1wbGUwCgYIKoZIzj0EAwIDSAAwRQIgTRvubkXuZw/0m8rBgZGYAiN/Q47z
Y2n8WxK64O+SinwCIQDWoCBdoC1x/Y9G3MeomTR9/uwBxgZT0yM9EiHCDzYgwQ==
-----END CERTIFICATE-----
`,
  key: `-----BEGIN PRIVATE KEY-----
MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQg4yU9Ul1e0iAu/FrW
QWdKxPTWnKcvnBKYBfw6PfNJFMqhRANCAAT3/ckQKkBrkZKVkgkFtiBDra3S8M4f
s+HNPRTuN2mUfZSqBZEC9VjLPJJB+UYodF7f4ukAGCmsohNmmEz9s8Iv
-----END PRIVATE KEY-----
`,
} as const;
