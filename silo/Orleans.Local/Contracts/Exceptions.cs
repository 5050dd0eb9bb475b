using Orleans.Runtime;

namespace Orleans.Runtime
{
    /// <summary>Base of the runtime's exceptions.</summary>
    public class OrleansException : Exception
    {
        /// <summary>An exception without text.</summary>
        public OrleansException() : base("Unexpected error.") { }

        /// <summary>An exception with text.</summary>
        public OrleansException(string message) : base(message) { }

        /// <summary>An exception with text and cause.</summary>
        public OrleansException(string message, Exception innerException) : base(message, innerException) { }
    }

    /// <summary>A call was not delivered.</summary>
    public class OrleansMessageRejectionException : OrleansException
    {
        internal OrleansMessageRejectionException(string message) : base(message) { }
    }

    /// <summary>The silo of the activation is gone, or none is active.</summary>
    /// <param name="msg">For people.</param>
    public sealed class SiloUnavailableException(string msg) : OrleansMessageRejectionException(msg);

    /// <summary>An activation has as many calls as <see cref="Configuration.SiloMessagingOptions.MaxEnqueuedRequestsHardLimit"/> allows.</summary>
    public sealed class LimitExceededException : OrleansException
    {
        /// <summary>An exception with text.</summary>
        public LimitExceededException(string message) : base(message) { }

        /// <summary>An exception that names the limit.</summary>
        public LimitExceededException(string limitName, int current, int threshold, object extraInfo)
            : base($"Limit exceeded {limitName} Current={current} Threshold={threshold} {extraInfo}") { }
    }

    /// <summary>A reminder could not be stored or removed.</summary>
    /// <param name="message">For people.</param>
    public sealed class ReminderException(string message) : OrleansException(message);
}

namespace Orleans.Storage
{
    /// <summary>The stored record is not the one that was read.</summary>
    public class InconsistentStateException : OrleansException
    {
        /// <summary>An exception with text.</summary>
        public InconsistentStateException(string message) : base(message) { }

        /// <summary>An exception with text and cause.</summary>
        public InconsistentStateException(string message, Exception innerException) : base(message, innerException) { }

        /// <summary>An exception that names both versions.</summary>
        public InconsistentStateException(string errorMsg, string? storedEtag, string? currentEtag) : base(errorMsg) =>
            (StoredEtag, CurrentEtag) = (storedEtag, currentEtag);

        /// <summary>The version that is stored.</summary>
        public string? StoredEtag { get; }

        /// <summary>The version that the writer had.</summary>
        public string? CurrentEtag { get; }

        /// <summary>Cleared once the activation that raised it was deactivated, so that callers up the chain live on.</summary>
        internal bool IsSourceActivation { get; set; } = true;
    }

    /// <summary>A grain asks for a storage that was not added.</summary>
    /// <param name="msg">For people.</param>
    public sealed class BadProviderConfigException(string msg) : OrleansException(msg);
}

namespace Orleans.Serialization
{
    /// <summary>A type that may not cross between grains.</summary>
    /// <param name="message">For people.</param>
    public sealed class CodecNotFoundException(string message) : Exception(message);
}
