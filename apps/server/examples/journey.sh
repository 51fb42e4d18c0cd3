api=http://localhost:8000/api/v1
json='content-type: application/json'

# Register; the response has the access token.
token=$(curl -s $api/auth/register -H "$json" -d '{
  "email": "ada@example.org", "password": "correct horse battery staple", "full_name": "Ada Lovelace"
}' | sed -E 's/.*"access_token":"([^"]+)".*/\1/')

# What is known, what is expected, and what to do about it.
curl -s $api/analytics/dashboard -H "authorization: Bearer $token"
curl -s "$api/predictions/risk-forecast?granularity=market&limit=3" -H "authorization: Bearer $token"
curl -s $api/predictions/yield-forecast -H "authorization: Bearer $token"
curl -s -X POST $api/predictions/run-optimization -H "authorization: Bearer $token"

# Log what was done about it.
curl -s $api/transactions/ -H "authorization: Bearer $token" -H "$json" -d '{
  "tx_hash": "0x5a1d", "tx_type": "deposit", "amount": "1250.5", "details": { "token": "USDC" }
}'
curl -s $api/transactions/0x5a1d -H "authorization: Bearer $token"
