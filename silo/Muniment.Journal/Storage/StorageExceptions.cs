namespace Muniment.Journal.Storage;

/// <summary>The write queue is full. Nothing was written; try again.</summary>
public sealed class StorageBusyException(string message) : Exception(message);

/// <summary>No space is left for the database. Nothing was written; reads go on, and writing resumes when there is space.</summary>
public sealed class StorageFullException(string message, Exception? inner = null) : Exception(message, inner);

/// <summary>The database failed or is unreachable. Whether the last write was kept is unknown.</summary>
public sealed class StorageFailedException(string message, Exception? inner = null) : Exception(message, inner);

/// <summary>Another process holds the data directory, or it cannot be used; the message is for the operator.</summary>
public sealed class DataDirectoryException(string message, Exception? inner = null) : Exception(message, inner);
