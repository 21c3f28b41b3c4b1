package seal

// FixedKey is a data key without a database.
var FixedKey = openKey
